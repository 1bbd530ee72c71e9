// Items inside a backend's payloads: which they are, and what is left of a payload without some of them.

import { fits, valueAt } from "./match.js";
import { laterMoment, type Moment, parseMoment } from "./moment.js";
import type { GatewayRoute, ItemKind, JsonPath } from "./route.js";

/** One thing that a backend tells of. */
interface Element {
  /** Different from the keys of other kinds. */
  readonly key: string;
  readonly value: unknown;
}

/** A payload of a kind. */
export interface Item {
  readonly kind: ItemKind;
  /** At least one; more only of a kind with `each`. */
  readonly elements: readonly Element[];
  readonly newest: Moment | undefined;
  /** The payload with these elements and no others, as JSON. */
  keeping(elements: readonly Element[]): string;
}

/** Reads a payload; `undefined` where it is of no kind, or has no key. */
export function readItem({ kinds }: GatewayRoute, payload: unknown): Item | undefined {
  const kind = kinds.find(({ match }) => fits(payload, match));
  if (kind === undefined) return undefined;
  const values = kind.each === undefined ? [payload] : valueAt(payload, kind.each);
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const elements: Element[] = [];
  let newest: Moment | undefined;
  for (const value of values as readonly unknown[]) {
    const key = valueAt(value, kind.key);
    // Without a key nobody can say whether it has come before.
    if (typeof key !== "string" && typeof key !== "number") return undefined;
    elements.push({ key: `${kind.name} ${typeof key} ${key}`, value });
    if (kind.time !== undefined)
      newest = laterMoment(newest, parseMoment(valueAt(value, kind.time)));
  }
  const keeping = (left: readonly Element[]) => rewrite(payload, kind, left);
  return { kind, elements, newest, keeping };
}

function rewrite(payload: unknown, { each, count }: ItemKind, left: readonly Element[]): string {
  const copy: unknown = structuredClone(payload);
  if (each !== undefined)
    setAt(
      copy,
      each,
      left.map(({ value }) => value),
    );
  if (count !== undefined && typeof valueAt(copy, count) === "number") {
    setAt(copy, count, left.length);
  }
  return JSON.stringify(copy);
}

function setAt(payload: unknown, path: JsonPath, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  const holder = names.length === 0 ? payload : valueAt(payload, names.join("."));
  if (typeof holder === "object" && holder !== null) {
    (holder as Record<string, unknown>)[last] = value;
  }
}
