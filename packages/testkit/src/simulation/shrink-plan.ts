// Takes parts out of a schedule. What is left is named by the classes that are gone and the operations that
// stay, so that it can be said on one command line.

import type { FaultClass, Plan } from "./plan.js";

/** What of a plan is to be left. */
export interface Remainder {
  /** Classes of faults that are switched off. */
  readonly without: readonly FaultClass[];
  /** Indices of the operations that stay, in the plan as it was drawn; `undefined`: all of them. */
  readonly keep: readonly number[] | undefined;
}

/** Settings of a plan that are faults, and what they are without. */
const HARMLESS: Partial<Record<FaultClass, (plan: Plan) => Plan>> = {
  jitter: (plan) => ({ ...plan, jitterMs: 0 }),
  splits: (plan) => ({ ...plan, splits: 0 }),
  seals: (plan) => ({ ...plan, isSealed: false }),
  trims: (plan) => ({ ...plan, store: { ...plan.store, maxEvents: 1000 } }),
  filters: (plan) => ({
    ...plan,
    readers: plan.readers.map((reader) => ({ ...reader, topics: [] })),
  }),
};

/** A plan with nothing but the remainder. */
export function shrinkPlan(plan: Plan, { without, keep }: Remainder): Plan {
  const operations = plan.operations.filter(
    ({ of }, index) =>
      (keep === undefined || keep.includes(index)) && (of === undefined || !without.includes(of)),
  );
  const classes = plan.classes.filter((fault) => !without.includes(fault));
  const settled = without.reduce((left, fault) => HARMLESS[fault]?.(left) ?? left, plan);
  return { ...settled, classes, operations };
}

/** Whether a plan still fails in the way that is looked for. */
export type Fails = (plan: Plan) => Promise<boolean>;

/**
 * Finds a small remainder that still fails: first without whole classes, then without ever smaller runs of
 * operations. Asks some two hundred times for a usual plan.
 */
export async function minimise(plan: Plan, fails: Fails): Promise<Remainder> {
  let left: Remainder = { without: [], keep: plan.operations.map((_, index) => index) };
  const tryOut = async (next: Remainder) => {
    if (await fails(shrinkPlan(plan, next))) left = next;
  };
  for (const fault of plan.classes) await tryOut({ ...left, without: [...left.without, fault] });
  const isGone = (index: number) => {
    const of = plan.operations[index]?.of;
    return of !== undefined && left.without.includes(of);
  };
  left = { ...left, keep: left.keep?.filter((index) => !isGone(index)) };
  for (let size = Math.ceil((left.keep?.length ?? 0) / 2); size >= 1; size = halve(size)) {
    for (let from = 0; from < (left.keep?.length ?? 0); ) {
      const { length = 0 } = left.keep ?? [];
      const keep = left.keep?.filter((_, at) => at < from || at >= from + size);
      await tryOut({ ...left, keep });
      // What follows has moved here, if it could be taken out.
      if ((left.keep?.length ?? 0) === length) from += size;
    }
  }
  return left;
}

function halve(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}
