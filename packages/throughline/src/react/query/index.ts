"use client";

export type {
  QueryStreamOptions,
  StreamQueryOptions,
  StreamQueryResult,
} from "./use-stream-query.js";
export { useStreamQuery } from "./use-stream-query.js";
