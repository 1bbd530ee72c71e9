// The words of the plot.

import type { ConnectionReason } from "../../client/index.js";

/** What the history of a connection says. */
export interface HistoryWords {
  readonly title: string;
  /** There has been no drop. */
  readonly none: string;
  /** How many drops there have been, and how many of them are shown. */
  readonly count: (count: number, shown: number) => string;
  readonly at: string;
  readonly reason: string;
  readonly noticed: string;
  readonly healed: string;
  readonly ongoing: string;
  readonly reasonText: (reason: ConnectionReason) => string;
  readonly duration: (ms: number) => string;
  readonly time: (atMs: number) => string;
}

const REASONS: Readonly<Partial<Record<ConnectionReason, string>>> = {
  network: "connection broken",
  silent: "fell silent",
  ended: "ended by the server",
  drained: "server restarting",
  "lease-lost": "forgotten by the server",
  expiring: "sign-in expiring",
  unauthorized: "sign-in expired",
  suspended: "page put aside",
  woken: "computer slept",
};

/** The words in English; times as in the reader's language. */
export const ENGLISH_HISTORY: HistoryWords = {
  title: "Connection drops",
  none: "No drops so far.",
  count: (count, shown) => {
    const drops = count === 1 ? "1 drop" : `${count} drops`;
    return shown < count ? `${drops}, the newest ${shown} shown` : drops;
  },
  at: "At",
  reason: "Reason",
  noticed: "Noticed after",
  healed: "Live again after",
  ongoing: "not yet",
  reasonText: (reason) => REASONS[reason] ?? reason,
  duration: (ms) => {
    if (ms < 100) return "< 0.1 s";
    if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
    return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
  },
  time: (atMs) => new Date(atMs).toLocaleTimeString(),
};
