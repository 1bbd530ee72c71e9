// What is tried: one disruption each, described so that it can be repeated and read.

import type { Fault, FlapOptions } from "../fault-proxy/index.js";

/** A number from 0 up to, but not including, 1. */
export type Random = () => number;

/** What goes wrong between client and server in one trial. */
export type Disruption =
  /** One-shot faults: the path is usable again at once. */
  | { readonly kind: "strike"; readonly fault: Fault }
  /** A cut at an exact byte, which strikes when the byte comes by; the path is usable at once. */
  | { readonly kind: "cut"; readonly fault: Extract<Fault, { kind: "cut" }> }
  /** Strikes first where given, then lasts; the path is usable when it is lifted. */
  | { readonly kind: "outage"; readonly first?: Fault | undefined; readonly fault: Fault }
  /** A line that goes up and down; the path is usable at the end. */
  | { readonly kind: "flap"; readonly options: FlapOptions }
  /** Every connection is reset, and requests are sent astray until it is over. */
  | { readonly kind: "detour"; readonly detour: Detour };

/** Where requests go astray: to a name that does not exist, or with TLS to a server without it. */
export type Detour = "unknown-name" | "tls-failure";

/** One row of the report. */
export interface Trial {
  /** Scenario number and letter; unique. */
  readonly id: string;
  readonly title: string;
  /** `busy`: an event every 50 ms throughout. `idle`: nothing but pulses until it strikes. */
  readonly traffic: "busy" | "idle";
  /** Whether nothing tells the client: recovery counts from the last byte then. */
  readonly isSilent: boolean;
  readonly disruption: Disruption;
}

/** Longest and shortest outage, in milliseconds. */
export const OUTAGE_MS = { least: 300, most: 4000 } as const;

const CUTS: readonly (readonly [string, string, string | Uint8Array, number])[] = [
  ["a", "cut inside an `id:` line", "id: ", 3],
  ["b", "cut inside a `data:` line", "data: ", 4],
  ["c", "cut inside a UTF-8 character", new Uint8Array([0xe2]), 0],
  ["d", "cut at the end of the `data:` line", '"}', 0],
  ["e", "cut before the blank line", '"}\n', 0],
];

/** The disruptions of scenarios 1 to 5, and a burst of 503 as a proxy sends it. */
export const TRIALS: readonly Trial[] = [
  strike("1a", "clean close by the server", { kind: "end-cleanly" }),
  strike("1b", "reset in the middle of the stream", { kind: "reset" }),
  strike("1c", "truncated chunk: FIN without the last chunk", { kind: "fin" }),
  {
    ...outage("1d", "close before the first event", { kind: "open-then-close", times: 1 }),
    disruption: {
      kind: "outage",
      first: { kind: "reset" },
      fault: { kind: "open-then-close", times: 1 },
    },
  },
  silent("2a", "silence both ways, busy stream", "busy", "both"),
  silent("2b", "silence both ways, idle stream", "idle", "both"),
  silent("2c", "silence towards the client, busy stream", "busy", "down"),
  silent("2d", "silence towards the client, idle stream", "idle", "down"),
  outage("2e", "reset, then requests vanish on the way up", { kind: "freeze", direction: "up" }),
  outage("3a", "reset, then connections accepted and never answered", { kind: "accept-stall" }),
  outage("3b", "reset, then headers come and the body never", { kind: "headers-only" }),
  outage("4a", "connection refused", { kind: "refuse" }),
  outage("4b", "every new connection is reset", { kind: "reset-new" }),
  detour("4c", "name not found", "unknown-name"),
  detour("4d", "TLS handshake fails", "tls-failure"),
  {
    id: "4e",
    title: "one second down, one second up, for a minute",
    traffic: "busy",
    isSilent: false,
    disruption: { kind: "flap", options: { upMs: 1000, downMs: 1000, forMs: 60_000 } },
  },
  ...CUTS.flatMap(([letter, title, after, plusBytes]) =>
    (["reset", "fin"] as const).map(
      (end): Trial => ({
        id: `5${letter}-${end}`,
        title: `${title}, by ${end === "fin" ? "FIN" : "RST"}`,
        traffic: "busy",
        isSilent: false,
        disruption: { kind: "cut", fault: { kind: "cut", after, plusBytes, skip: 3, end } },
      }),
    ),
  ),
  outage("9a", "503 without `Retry-After`", { kind: "http-error", status: 503 }),
];

function strike(id: string, title: string, fault: Fault): Trial {
  return { id, title, traffic: "busy", isSilent: false, disruption: { kind: "strike", fault } };
}

/** Open connections are reset, and new ones meet the fault while it lasts. */
function outage(id: string, title: string, fault: Fault): Trial {
  const disruption = { kind: "outage", first: { kind: "reset" }, fault } as const;
  return { id, title, traffic: "busy", isSilent: false, disruption };
}

function silent(
  id: string,
  title: string,
  traffic: Trial["traffic"],
  direction: "both" | "down",
): Trial {
  const fault = { kind: "freeze", direction } as const;
  return { id, title, traffic, isSilent: true, disruption: { kind: "outage", fault } };
}

function detour(id: string, title: string, way: Detour): Trial {
  const disruption = { kind: "detour", detour: way } as const;
  return { id, title, traffic: "busy", isSilent: false, disruption };
}
