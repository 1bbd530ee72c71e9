// Who gets the drop-in, by percentage, changeable from afar.

export type { RollOut, RollOutOptions, SetOptions } from "./roll-out.js";
export { rollOut } from "./roll-out.js";
