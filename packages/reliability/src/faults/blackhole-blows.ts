// Packets that vanish in a network: no FIN, no RST, no message. When they pass again, TCP goes on by itself,
// later or sooner: what was lost is sent again after a time that doubles with every attempt.

import { setTimeout as wait } from "node:timers/promises";
import type { BlackholeDirection } from "../blackhole/namespaces.js";
import type { Blow, BlowTimes } from "./blow.js";

/** Longest and shortest outage, in milliseconds, as in the scenarios. */
const LEAST_MS = 300;
const MOST_MS = 4000;

/** They do not begin at the same moment: what one client does would wait for what the others do. */
const SPREAD_MS = 500;

/** Silence that ends before recovery has to have begun can be waited out. */
const PROMISED_BEGIN_MS = 2000;

/** All of them, in the order of the table. */
export const BLACKHOLE_BLOWS: readonly Blow[] = [
  blackhole("2-packets-both", "packets vanish both ways, busy stream", "both", "busy"),
  blackhole("2-packets-both-idle", "packets vanish both ways, idle stream", "both", "idle"),
  blackhole("2-packets-down", "packets to the client vanish, busy stream", "down", "busy"),
  blackhole("2-packets-down-idle", "packets to the client vanish, idle stream", "down", "idle"),
  blackhole("2-packets-up", "packets to the server vanish, busy stream", "up", "busy"),
  blackhole("2-packets-up-idle", "packets to the server vanish, idle stream", "up", "idle"),
];

function blackhole(
  id: string,
  title: string,
  direction: BlackholeDirection,
  traffic: Blow["traffic"],
): Blow {
  return {
    id,
    title: title,
    needs: "network",
    traffic,
    isQuiet: false,
    // What the server still sends arrives for a while, until it misses the acknowledgements.
    countsFromLastEvent: direction === "up",
    toleratedMs: direction === "up" ? Number.POSITIVE_INFINITY : PROMISED_BEGIN_MS,
    strike: async ({ network, addresses, random }) => {
      if (network === undefined) throw new Error("Expected a network, got none.");
      const lengths = addresses.map(() => LEAST_MS + random() * (MOST_MS - LEAST_MS));
      const delaysMs = addresses.map(() => random() * SPREAD_MS);
      return Promise.all(
        addresses.map(async (address, index): Promise<BlowTimes> => {
          await wait(delaysMs[index]);
          const blockedMs = performance.now();
          await network.block(address, direction);
          // Where nothing comes down any more, times count from the last byte that did. What is written
          // until the packets really vanish still arrives.
          const lastByteMs = direction === "up" ? undefined : network.lastByteDownMs(address);
          await wait(lengths[index]);
          await network.unblock(address);
          return { struckMs: lastByteMs ?? blockedMs, usableMs: performance.now() };
        }),
      );
    },
  };
}
