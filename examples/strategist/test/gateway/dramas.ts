// What can go wrong on either side of the gateway, each with its end. Rows are written before, while and after
// it is wrong.

import { setTimeout as wait } from "node:timers/promises";
import type { CutFault, Fault, FaultProxy } from "@throughline/testkit";

export type Side = "backend" | "reader";

/** Something that goes wrong, and is well again when it resolves. */
export interface Drama {
  readonly name: string;
  play(link: FaultProxy, writeRow: () => Promise<void>): Promise<void>;
  /** Where it can happen; everywhere unless it is said. */
  readonly side?: Side;
  /** What a browser's own reader cannot notice, or takes as final. */
  readonly isForDropInOnly?: true;
}

/** Strikes at once at what is open, and is over. */
function strike(name: string, fault: Fault): Drama {
  return {
    name,
    play: async (link, writeRow) => {
      await link.set(fault);
      await writeRow();
    },
  };
}

interface WhileOptions {
  readonly forMs: number;
  /** Whether what is open ends when it begins, so that it is met by a reconnect. */
  readonly endsOpen?: boolean;
  readonly isForDropInOnly?: true;
}

/** Is wrong for a while. */
function during(name: string, fault: Fault, { forMs, endsOpen, ...more }: WhileOptions): Drama {
  return {
    name,
    ...more,
    play: async (link, writeRow) => {
      await link.set(fault);
      if (endsOpen === true) link.reset();
      await writeRow();
      await wait(forMs);
      await link.set({ kind: "pass" });
    },
  };
}

/** Cuts the stream at an exact byte of the row that is written, and waits until it has. */
function cut(name: string, fault: Omit<CutFault, "kind">, side?: Side): Drama {
  return {
    name,
    ...(side && { side }),
    play: async (link, writeRow) => {
      await link.set({ kind: "cut", ...fault });
      await writeRow();
      for (let turn = 0; link.fault.kind === "cut"; turn += 1) {
        if (turn === 400) throw new Error(`Nothing came that could be cut: ${fault.after}`);
        await wait(25);
      }
    },
  };
}

const again = { forMs: 1500, endsOpen: true } as const;

const BY_HTTP: readonly Drama[] = [
  during("500 for a while", { kind: "http-error", status: 500 }, again),
  during("502 for a while", { kind: "http-error", status: 502 }, again),
  during("503 with Retry-After", { kind: "http-error", status: 503, retryAfter: 1 }, again),
  during("429 with Retry-After", { kind: "http-error", status: 429, retryAfter: 1 }, again),
].map((drama) => ({ ...drama, isForDropInOnly: true }));

/** What can go wrong on a side. */
export function dramasOf(side: Side): readonly Drama[] {
  return DRAMAS.filter((drama) => drama.side === undefined || drama.side === side);
}

const DRAMAS: readonly Drama[] = [
  strike("a clean end", { kind: "end-cleanly" }),
  strike("a truncated chunk", { kind: "fin" }),
  strike("a reset", { kind: "reset" }),
  cut("a reset in the middle of an event", {
    after: '"created_at": "',
    plusBytes: 5,
    end: "reset",
  }),
  cut("an end in the middle of an event", { after: '"created_at": "', end: "fin" }),
  cut("an end before the blank line", { after: "}\n", end: "fin" }),
  cut("a reset behind the blank line", { after: "}\n\n", end: "reset" }),
  cut("an end inside an id", { after: "id: ", plusBytes: 6, end: "fin" }, "reader"),
  cut("an end behind an id", { after: "id: ", plusBytes: 40, end: "reset" }, "reader"),
  during(
    "silence both ways",
    { kind: "freeze", direction: "both" },
    { forMs: 3500, isForDropInOnly: true },
  ),
  during(
    "silence from the sender",
    { kind: "freeze", direction: "down" },
    { forMs: 3500, isForDropInOnly: true },
  ),
  during(
    "silence towards the sender",
    { kind: "freeze", direction: "up" },
    { ...again, isForDropInOnly: true },
  ),
  during("silence that thaws", { kind: "freeze", direction: "both", thaw: true }, { forMs: 3500 }),
  during("accepted, and no answer", { kind: "accept-stall" }, { ...again, isForDropInOnly: true }),
  during("a head without a body", { kind: "headers-only" }, { ...again, isForDropInOnly: true }),
  during("refused", { kind: "refuse" }, again),
  during("resets of whatever is new", { kind: "reset-new" }, again),
  during("opened and closed at once", { kind: "open-then-close" }, again),
  during("noise in place of an answer", { kind: "garbage", instead: "response" }, again),
  {
    name: "a line that flaps",
    play: async (link, writeRow) => {
      const over = link.flap({ upMs: 600, downMs: 300, forMs: 3500 });
      for (let turn = 0; turn < 3; turn += 1) {
        await writeRow();
        await wait(800);
      }
      await over;
    },
  },
  ...BY_HTTP,
];
