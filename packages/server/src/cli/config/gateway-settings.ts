// The settings of `throughline gateway`, but for what its file says of routes (gateway-file.ts).

import { PRESETS, type PresetName } from "../../gateway/index.js";
import {
  FRONT_SETTINGS,
  listenSettings,
  OPERATOR_SETTINGS,
  READER_SETTINGS,
  storeSettings,
  TLS_SETTINGS,
  WATCH_SETTINGS,
} from "./server-settings.js";
import { integer, text, type ValuesOf } from "./setting.js";

const PRESET_WORDS = [...Object.keys(PRESETS), "none"];

export const GATEWAY_SETTINGS = {
  upstream: text({
    about:
      "Where the backend is. Requests that are for none of the routes are passed on to it as they are.",
    fallback: undefined,
    expected: "an origin such as http://127.0.0.1:5000, without a path",
    pattern: /^https?:\/\/[^\s/?#@]+\/?$/,
    alsoFrom: ["UPSTREAM_URL"],
  }),
  preset: text({
    about:
      "Routes that are known already. Without it those of strategist-enhanced, unless the file has " +
      "routes of its own, which with a preset replace the preset's by their names.",
    fallback: undefined,
    expected: `one of ${PRESET_WORDS.join(", ")}`,
    pattern: new RegExp(`^(?:${PRESET_WORDS.join("|")})$`),
  }),
  ...listenSettings({ port: 8082 }),
  ...TLS_SETTINGS,
  maxUpstreams: integer({
    about:
      "Most of the backend's threads that may be busy with streams. The default is half of what a " +
      "small backend has, so that its other pages go on.",
    least: 1,
    most: 10_000,
    fallback: 4,
  }),
  ...READER_SETTINGS,
  ...FRONT_SETTINGS,
  ...OPERATOR_SETTINGS,
  ...storeSettings({ dataDir: "throughline-gateway-data" }),
  ...WATCH_SETTINGS,
} as const;

/** What `throughline gateway` was told to do, but for the routes. */
export type GatewayConfig = ValuesOf<typeof GATEWAY_SETTINGS>;

/** Whether a word names a preset. */
export function isPresetName(word: string | undefined): word is PresetName {
  return word !== undefined && Object.hasOwn(PRESETS, word);
}
