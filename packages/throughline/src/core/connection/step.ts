// The connection machine: one step, and the next deadline.

import type { ConnectionStep } from "./outcomes.js";
import { answerDueMs, handoverDueMs } from "./retry.js";
import type { ConnectionContext, ConnectionInput, ConnectionState } from "./state.js";
import { TABLE } from "./table.js";
import { staleAtMs } from "./watchdog.js";

/**
 * Feeds one input to a connection.
 *
 * Pure: the same arguments give the same result, provided `context.random` does. The shell carries
 * out the effects in order, and then asks {@link connectionDeadlineMs} when to send the next `tick`.
 *
 * @throws Error where the table calls the input illegal: a bug in the shell
 */
export function stepConnection(
  state: ConnectionState,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  // The table's type ties each transition to its state and input; an index by two variables loses it.
  const cell = TABLE[state.name][input.kind] as
    | ((
        state: ConnectionState,
        input: ConnectionInput,
        context: ConnectionContext,
      ) => ConnectionStep)
    | "ignored"
    | "illegal";
  if (cell === "ignored") return { state, effects: [] };
  if (cell === "illegal") {
    throw new Error(`Throughline bug: input "${input.kind}" is illegal in state "${state.name}"`);
  }
  return cell(state, input, context);
}

/**
 * When the next `tick` is due, on the clock of `context.nowMs`; `undefined` for never. A tick that
 * comes early changes nothing.
 */
export function connectionDeadlineMs(
  state: ConnectionState,
  limits: ConnectionContext["limits"],
): number | undefined {
  switch (state.name) {
    case "connecting":
      return answerDueMs(state, limits);
    case "live":
      return earlier(handoverDueMs(state.handover), staleAtMs(state));
    case "stale":
      return state.lostAtMs;
    case "polling":
      return Math.min(state.dueMs, state.probeMs);
    case "waiting":
      return state.dueMs;
    default:
      return undefined;
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
