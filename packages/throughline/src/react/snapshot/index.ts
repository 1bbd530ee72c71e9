"use client";

export type { Behind } from "./catch-up.js";
export type { Snapshot, SnapshotRequest } from "./snapshot.js";
export type { SnapshotReducerHandle, UseSnapshotReducerOptions } from "./use-snapshot-reducer.js";
export { useSnapshotReducer } from "./use-snapshot-reducer.js";
