export { readCorpus } from "./corpus.js";
export { examine, hunt } from "./hunt.js";
export type { FuzzTarget } from "./target.js";
export { TARGETS } from "./targets.js";
