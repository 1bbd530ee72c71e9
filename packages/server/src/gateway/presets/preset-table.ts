// The presets by the names that a configuration calls them by.

import type { GatewayPreset } from "./preset.js";
import { STRATEGIST_ENHANCED } from "./strategist-enhanced.js";
import { STRATEGIST_FIRST_GENERATION } from "./strategist-first-generation.js";

export const PRESETS = {
  "strategist-enhanced": STRATEGIST_ENHANCED,
  "strategist-first-generation": STRATEGIST_FIRST_GENERATION,
} as const satisfies Readonly<Record<string, GatewayPreset>>;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;
