// Fills the slots of a text.

import { coordinators, ownParty, type Party, rivals, type Ward } from "./city.js";
import type { Random } from "./random.js";

/** The values of the name slots, fixed for as long as one story lasts. */
export interface Cast {
  readonly ward: Ward;
  readonly place: string;
  readonly rival: Party;
  readonly coordinator: string;
  readonly hour: string;
}

const HOURS = [
  "7 am",
  "half past eight",
  "11 am",
  "noon",
  "4 pm",
  "half past five",
  "6 pm",
  "7 pm",
];

/** Draws a cast for a story in `ward`. */
export function castFor(ward: Ward, random: Random): Cast {
  return {
    ward,
    place: random.pick(ward.places),
    rival: random.pick(rivals),
    coordinator: random.pick(coordinators),
    hour: random.pick(HOURS),
  };
}

/**
 * The text with every slot filled; `{40-90}` becomes a number between the two, both inclusive. The
 * first letter is a capital afterwards, since a slot may open the sentence.
 *
 * Throws a `RangeError` on a slot that does not exist: a typing error in the data.
 */
export function fillSlots(text: string, cast: Cast, random: Random): string {
  const filled = text.replace(/\{([^}]+)\}/g, (_, slot: string) => slotValue(slot, cast, random));
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}

function slotValue(slot: string, cast: Cast, random: Random): string {
  const range = /^(\d+)-(\d+)$/.exec(slot);
  if (range !== null) return String(random.between(Number(range[1]), Number(range[2])));
  switch (slot) {
    case "ward":
      return cast.ward.name;
    case "place":
      return cast.place;
    case "lead":
      return ownParty.leader;
    case "rival":
      return cast.rival.name;
    case "rivalLead":
      return cast.rival.leader;
    case "coordinator":
      return cast.coordinator;
    case "hour":
      return cast.hour;
    default:
      throw new RangeError(`the scenario has no slot {${slot}}`);
  }
}
