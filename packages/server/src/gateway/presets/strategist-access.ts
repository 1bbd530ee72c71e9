// Who is who in the strategist's backend. Both of its generations have it in common.

import type { CheckRules, IdentityRules } from "../options.js";
import { CHECK_DEFAULTS } from "../route-defaults.js";

/**
 * The session of its login. It knows no bearer tokens, but whoever puts something in front of it that
 * does must not have everybody's streams thrown together.
 */
export const STRATEGIST_IDENTITY: IdentityRules = {
  cookies: ["lokdarpan_session"],
  headers: ["authorization"],
};

/**
 * Its status page answers 200 to everybody and says in the body who is logged in. Sessions end an hour
 * after the login, whatever is done with them, and open streams go on: asking again every minute ends
 * them too, with an answer that a client can act on.
 */
export const STRATEGIST_CHECK: CheckRules = {
  ...CHECK_DEFAULTS,
  path: "/api/v1/status",
  expect: { authenticated: true },
};
