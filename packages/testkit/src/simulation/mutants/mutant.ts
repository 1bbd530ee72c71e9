// A planted bug.

import type { FaultClass } from "../plan.js";

/** One defect, as a change of the compiled text of one module. */
export interface Mutant {
  readonly id: string;
  /** The module, from the folder of the packages on. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Classes of faults without which it cannot show, so that it need not be waited for. Default: none. */
  readonly needs?: readonly FaultClass[] | undefined;
  /** What goes wrong with it, and who shipped it. */
  readonly story: string;
}

/**
 * The text of a module with its bug.
 *
 * @throws Error where what is to be replaced is not there exactly once: the module has changed, and the
 * mutant has to follow it
 */
export function plantBug(text: string, { id, file, find, replace }: Mutant): string {
  const times = text.split(find).length - 1;
  if (times === 1) return text.replace(find, () => replace);
  throw new Error(
    `Mutant "${id}": expected its text once in ${file}, found it ${times} times. Bring it up to date: ${find}`,
  );
}
