// Finds the filters that a topic passes, without trying them one by one.

import { ANY_REST, ANY_SEGMENT } from "throughline/core";
import type { TopicFilter } from "./topic-filter.js";

/** One step of the way from the root to the end of a pattern. */
interface IndexNode<T> {
  readonly children: Map<string, IndexNode<T>>;
  /** Whose patterns end here. */
  readonly ends: Set<T>;
}

/**
 * The filters of a stream as a tree of segments.
 *
 * A look-up costs the number of segments, times the branches that wildcards open, plus the matches;
 * how many filters there are beside makes no difference.
 */
export class TopicIndex<T> {
  readonly #root: IndexNode<T> = createNode();

  /** Adds a filter under a value that stands for it. */
  add(filter: TopicFilter, value: T): void {
    for (const pattern of filter.patterns) {
      let node = this.#root;
      for (const segment of pattern) {
        let child = node.children.get(segment);
        if (child === undefined) {
          child = createNode();
          node.children.set(segment, child);
        }
        node = child;
      }
      node.ends.add(value);
    }
  }

  /** Takes a filter out again, and with it the branches that nobody needs any more. */
  remove(filter: TopicFilter, value: T): void {
    for (const pattern of filter.patterns) prune(this.#root, pattern, 0, value);
  }

  /** Whether nothing is left in it, not even a branch. */
  get isEmpty(): boolean {
    return isBare(this.#root);
  }

  /** The values of all filters that let the topic through, each once. */
  match(topic: string): ReadonlySet<T> {
    const found = new Set<T>();
    collect(this.#root, topic.split("/"), 0, found);
    return found;
  }
}

function createNode<T>(): IndexNode<T> {
  return { children: new Map(), ends: new Set() };
}

function collect<T>(
  node: IndexNode<T>,
  segments: readonly string[],
  depth: number,
  found: Set<T>,
): void {
  const rest = node.children.get(ANY_REST);
  if (rest !== undefined) for (const value of rest.ends) found.add(value);
  const segment = segments[depth];
  if (segment === undefined) {
    for (const value of node.ends) found.add(value);
    return;
  }
  const exact = node.children.get(segment);
  if (exact !== undefined) collect(exact, segments, depth + 1, found);
  const any = node.children.get(ANY_SEGMENT);
  if (any !== undefined) collect(any, segments, depth + 1, found);
}

function prune<T>(node: IndexNode<T>, pattern: readonly string[], depth: number, value: T): void {
  const segment = pattern[depth];
  if (segment === undefined) {
    node.ends.delete(value);
    return;
  }
  const child = node.children.get(segment);
  if (child === undefined) return;
  prune(child, pattern, depth + 1, value);
  if (isBare(child)) node.children.delete(segment);
}

function isBare<T>({ children, ends }: IndexNode<T>): boolean {
  return children.size === 0 && ends.size === 0;
}
