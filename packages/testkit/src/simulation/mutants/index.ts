import { CLIENT_MUTANTS } from "./client-mutants.js";
import type { Mutant } from "./mutant.js";
import { SERVER_MUTANTS } from "./server-mutants.js";

/** All planted bugs. */
export const MUTANTS: readonly Mutant[] = [...CLIENT_MUTANTS, ...SERVER_MUTANTS];
