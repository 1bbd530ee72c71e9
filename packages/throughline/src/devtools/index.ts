"use client";

export type { PanelOptions } from "./panel/index.js";
export { installDevtools, mountDevtools } from "./panel/index.js";
export { ThroughlineDevtools } from "./throughline-devtools.js";
