export type { AssailOptions, AssailReport } from "./assail.js";
export { assail } from "./assail.js";
export type { Victim } from "./strike.js";
