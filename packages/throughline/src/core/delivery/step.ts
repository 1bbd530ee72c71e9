// The delivery machine's two entrances: a step, and the next moment at which time matters.

import { assert } from "../assert.js";
import type { DeliveryContext, DeliveryInput, DeliveryInputKind, DeliveryState } from "./state.js";
import type { Cell } from "./table.js";
import { DELIVERY_TABLE } from "./table.js";
import type { DeliveryStep } from "./transitions.js";

/**
 * One step of a delivery: what it is after the input, and what the shell has to do, in order.
 *
 * Pure. The shell must run the effects of one step before it feeds the next input, and must feed the
 * verdict of a `write` before anything else.
 *
 * @throws Error where the table says that the shell has a bug
 */
export function stepDelivery(
  state: DeliveryState,
  input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  // Rows and cells fit together by the table's type, which is lost when both are looked up by name.
  const cell = DELIVERY_TABLE[state.name][input.kind] as Cell<never, DeliveryInputKind>;
  if (cell === "ignored") return { state, effects: [] };
  assert(cell !== "illegal", `a ${state.name} delivery cannot get "${input.kind}"`);
  return cell(state as never, input, context);
}

/** When the delivery wants a `tick`, in the context's milliseconds; `undefined` for never. */
export function deliveryDeadlineMs(state: DeliveryState): number | undefined {
  return state.name === "draining" ? state.deadlineMs : undefined;
}
