import { createMemoryLog } from "@throughline/server/log";
import { expect, it } from "vitest";
import { buildHubOptions } from "../../src/cli/build-hub-options.js";
import { resolveSettings } from "../../src/cli/config/resolve-settings.js";
import { SERVE_SETTINGS } from "../../src/cli/config/serve-settings.js";
import { resolveHubOptions } from "../../src/hub/options.js";

it("settings that nobody gives are those of a hub that nobody gives options", () => {
  const [log, onError, observer] = [createMemoryLog(), () => {}, () => {}];
  const config = resolveSettings(SERVE_SETTINGS, { environment: {}, flags: {} });
  const asked = resolveHubOptions(buildHubOptions(config, { log, onError, observer }));
  const { proxyTrust: _, heartbeatType, ...left } = resolveHubOptions({ log, onError, observer });
  expect(asked).toMatchObject(left);
  expect(asked.heartbeatType("any")).toBe(heartbeatType("any"));
});
