// What a gateway serves: the routes of a preset and of a file, put together and checked.

import * as v from "valibot";
import {
  type CheckRules,
  type GatewayPreset,
  type GatewayRoute,
  type IdentityRules,
  PRESETS,
} from "../../gateway/index.js";
import { completeCheck, completeRoute, IDENTITY_DEFAULTS } from "../../gateway/route-defaults.js";
import { createRouteTable } from "../../gateway/route-table.js";
import { pathText } from "./file-schema.js";
import { type FileRoute, type GatewaySections, gatewaySections } from "./gateway-schema.js";
import { isPresetName } from "./gateway-settings.js";
import { type ConfigFile, membersOf, show } from "./resolve-settings.js";
import { UsageError } from "./usage-error.js";

/** Names in the file that are no settings. */
export const SECTIONS = ["identity", "check", "routes"] as const;

/** Everything about routes, with nothing left open. */
export interface GatewayRules {
  readonly identity: IdentityRules;
  readonly check: CheckRules | undefined;
  readonly routes: readonly GatewayRoute[];
}

/** The preset where nobody names one, and there are no other routes. */
const DEFAULT_PRESET = "strategist-enhanced";

/**
 * Reads the sections, and puts them over the preset.
 *
 * @throws UsageError with a line for every field that cannot be used
 * @throws StreamError where fields contradict each other
 */
export function resolveRules(
  presetName: string | undefined,
  file: ConfigFile | undefined,
): GatewayRules {
  const sections = file === undefined ? {} : readSections(file);
  const chosen = presetName ?? (sections.routes === undefined ? DEFAULT_PRESET : undefined);
  const preset: GatewayPreset | undefined = isPresetName(chosen) ? PRESETS[chosen] : undefined;
  const own = resolveRoutes(sections.routes ?? [], preset, file?.name ?? "");
  const replaced = new Set(own.map(({ name }) => name));
  const kept = preset?.routes.filter(({ name }) => !replaced.has(name)) ?? [];
  const routes = [...kept, ...own];
  if (routes.length === 0) {
    throw new UsageError(
      'Setting "preset": expected routes in the file where it is none; got none.',
    );
  }
  const check = resolveCheck(sections.check, preset);
  assertRules(routes, check);
  return { identity: resolveIdentity(sections.identity, preset), check, routes };
}

function readSections(file: ConfigFile): GatewaySections {
  const members = Object.entries(membersOf(file));
  const ours = members.filter(([name]) => SECTIONS.some((section) => section === name));
  const parsed = v.safeParse(gatewaySections, Object.fromEntries(ours));
  if (parsed.success) return parsed.output;
  const lines = parsed.issues.map(
    (issue) =>
      `File ${file.name}: ${pathText(issue.path)}: ${issue.message.replace(/[.?]?$/, (end) => end || ".")}`,
  );
  throw new UsageError(lines.join("\n"));
}

function resolveRoutes(
  given: readonly FileRoute[],
  preset: GatewayPreset | undefined,
  fileName: string,
): readonly GatewayRoute[] {
  const problems: string[] = [];
  const routes = given.map((route, index) => {
    const at = `File ${fileName}: routes[${index}]`;
    const base = preset?.routes.find(({ name }) => name === route.extends);
    if (route.extends !== undefined && base === undefined) {
      const names = preset?.routes.map(({ name }) => name).join(", ");
      const expected = names === undefined ? "a preset beside it" : `one of ${names}`;
      problems.push(`${at}.extends: expected ${expected}; got ${show(route.extends)}.`);
    } else if (route.path === undefined && base === undefined) {
      problems.push(`${at}.path: expected a path such as /events/:room; got nothing.`);
    }
    return resolveRoute(route, base);
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return routes;
}

/** Fields of a variant replace those of what it extends; those of `upstream` do so one by one. */
function resolveRoute(given: FileRoute, base: GatewayRoute | undefined): GatewayRoute {
  const { extends: _, ...fields } = given;
  const { query = base?.query ?? "all" } = fields;
  return completeRoute({
    ...base,
    ...fields,
    path: fields.path ?? base?.path ?? "",
    query: query === "all" ? undefined : query,
    upstream: { ...base?.upstream, ...fields.upstream },
  });
}

function resolveIdentity(
  given: GatewaySections["identity"],
  preset: GatewayPreset | undefined,
): IdentityRules {
  if (given === undefined) return preset?.identity ?? IDENTITY_DEFAULTS;
  return { cookies: given.cookies ?? [], headers: given.headers ?? [] };
}

function resolveCheck(
  given: GatewaySections["check"],
  preset: GatewayPreset | undefined,
): CheckRules | undefined {
  if (given === undefined) return preset?.check;
  return given === "none" ? undefined : completeCheck(given);
}

function assertRules(routes: readonly GatewayRoute[], check: CheckRules | undefined): void {
  createRouteTable(routes);
  const unasked = routes.find(({ identity, isChecked }) => identity === "shared" && isChecked);
  if (check !== undefined || unasked === undefined) return;
  // Only the first reader's request would reach the backend, which could refuse nobody else.
  throw new UsageError(
    `Route "${unasked.name}": expected a check, identity: own, or isChecked: false, since whoever ` +
      "may read a shared stream has to be asked for somewhere; got none of them.",
  );
}
