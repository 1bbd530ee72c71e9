// What can be fuzzed: a way to make inputs, and what has to hold of each.

import type { Choices } from "../hostile/random.js";

/** Something that takes input from outside. Inputs are latin-1 texts: one character is one byte. */
export interface FuzzTarget {
  readonly name: string;
  /** An input with the structure of a good one, or nearly. */
  generate(choices: Choices): string;
  /**
   * What is wrong with what came of an input; `undefined` where nothing is. What it throws counts as a
   * complaint, too: it expects what is documented.
   */
  judge(input: string): Promise<string | undefined> | string | undefined;
}

/** An input that is kept, because it once mattered or because it is where others go wrong. */
export interface KeptInput {
  readonly input: string;
  readonly why: string;
}

/** A sequence of up to `most` parts. */
export function several(choices: Choices, most: number, make: () => string): string {
  return Array.from({ length: choices.whole(0, most) }, make).join("");
}

/** The bytes of a latin-1 text. */
export function bytesOf(input: string): Uint8Array {
  return Uint8Array.from(input, (character) => character.charCodeAt(0));
}

/** The same value as JSON; `undefined` where the input is none, which says nothing about the target. */
export function parseJson(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    // A mutation has made it unreadable: the next one may be better.
    return undefined;
  }
}
