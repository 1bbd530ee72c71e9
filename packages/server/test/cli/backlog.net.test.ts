// A crowd that comes back while the hub has no time to accept anybody.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { CliProcess } from "./cli-process.js";

/** More than Node lets wait by default. */
const CROWD = 1000;

/** Whoever does not find room is silently dropped, and asks again after a second: 1, 3, 7 s. */
const WITHIN_MS = 20_000;

function mostThatMayWait(): number {
  try {
    return Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
  } catch {
    return 0;
  }
}

// Only where the system lets so many wait, which Linux does by default; what others allow cannot be read.
it.skipIf(mostThatMayWait() < CROWD)(
  "all find room to wait",
  async () => {
    const hub = new CliProcess(["serve", "--port", "0", "--log", "memory"]);
    onTestFinished(() => hub.kill());
    const address = await hub.until(() => hub.lines("listening")[0]?.["url"]);
    const port = Number(new URL(String(address)).port);
    hub.signal("SIGSTOP");
    const sockets = Array.from({ length: CROWD }, () => connect({ port, host: "127.0.0.1" }));
    onTestFinished(() => {
      for (const socket of sockets) socket.on("error", () => {}).destroy();
    });
    let connected = 0;
    for (const socket of sockets) {
      socket.on("connect", () => {
        connected += 1;
      });
    }
    // It stands still: only those for whom there is room are connected.
    await vi.waitFor(() => expect(connected).toBe(CROWD), { timeout: WITHIN_MS });
  },
  2 * WITHIN_MS,
);
