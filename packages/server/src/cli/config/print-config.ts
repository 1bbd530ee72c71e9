// What a command would do, as a file that can be used again.

import { stringify } from "yaml";
import type { Settings, ValuesOf } from "./setting.js";

/** Stands where a secret is set. */
const MASK = "(hidden)";

/** The values as YAML; a secret that is set is masked, what is not set is left out. */
export function printConfig<Table extends Settings>(table: Table, values: ValuesOf<Table>): string {
  const shown = Object.entries(table)
    .map(([name, { isSecret }]) => [name, values[name], isSecret] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value, isSecret]) => [name, isSecret ? MASK : value] as const);
  return stringify(Object.fromEntries(shown));
}
