"use client";

export type {
  EventRecord,
  PanelOptions,
  Recorder,
  StateRecord,
  StreamFaults,
  StreamRecord,
  WatchedSource,
} from "./panel/index.js";
export { installDevtools, mountDevtools } from "./panel/index.js";
export { ThroughlineDevtools } from "./throughline-devtools.js";
