// Carries an attack out, and says what came of it.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack } from "./attack.js";

/** The server that is attacked. */
export interface Victim {
  readonly port: number;
  readonly host?: string | undefined;
}

/** How long the answer to an attack is waited for; afterwards the attacker leaves. */
const PATIENCE_MS = 250;

/** Most of an answer that is kept: status lines come first. */
const MOST_KEPT = 256 * 1024;

/** The statuses of all answers; empty where the connection was closed, or stays silent. */
export async function strike(
  { port, host = "127.0.0.1" }: Victim,
  attack: Attack,
): Promise<number[]> {
  const socket = connect(port, host);
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    if (text.length < MOST_KEPT) text += chunk.toString("latin1");
  });
  // Being reset is one way to be refused.
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  for (const piece of attack.pieces) {
    if (socket.destroyed) break;
    socket.write(Buffer.from(piece, "latin1"));
    if (attack.pauseMs > 0) await sleep(attack.pauseMs);
  }
  const patience = new AbortController();
  await Promise.race([
    closed,
    sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {}),
  ]);
  patience.abort();
  socket.destroy();
  return [...text.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status));
}

/** What is wrong with the answers to an attack; `undefined` where nothing is. */
export function judge(attack: Attack, statuses: readonly number[]): string | undefined {
  const served = statuses.filter((status) => status !== 100 && status < 400);
  if (attack.expects === "refusal" && served.length > 0) {
    return `${attack.name}: answered ${served.join(", ")}`;
  }
  const answers = statuses.filter((status) => status !== 100).length;
  return answers > attack.mostAnswers ? `${attack.name}: ${answers} answers` : undefined;
}
