export type { WatchedSource } from "../../client/source-watcher.js";
export type { EventRecord, Recorder, StateRecord, StreamRecord } from "../recorder.js";
export { installDevtools } from "../recorder.js";
export type { StreamFaults } from "../stream-faults.js";
export type { PanelOptions } from "./mount.js";
export { mountDevtools } from "./mount.js";
