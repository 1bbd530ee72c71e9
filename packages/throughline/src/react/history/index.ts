"use client";

export type { ConnectionHistoryProps } from "./connection-history.js";
export { ConnectionHistory } from "./connection-history.js";
export type { HistoryWords } from "./history-words.js";
