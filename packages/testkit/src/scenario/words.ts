// One line as words, and the complaints about them.

import { StreamError } from "throughline/core";

/** Where a line stands. */
export interface LinePlace {
  /** The name of the text, such as that of its file. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

/** The error of a text that cannot be read: where, what was expected, what was found. */
export function syntaxError(
  { name, line }: LinePlace,
  expected: string,
  found: string,
): StreamError {
  return new StreamError(`${name}:${line}: expected ${expected}, found ${found}.`, {
    code: "invalid-option",
    fault: "local",
  });
}

/**
 * A word: letters without white space, or a comma. Between double quotes white space, commas and `#` are
 * letters too.
 */
const WORD = /,|(?:[^\s",#]|"(?:[^"\\]|\\.)*")+/y;
const SPACE = /\s*/y;

/** Splits a line; what follows a `#` is a remark. Quotes stay where they are. */
function split(text: string, place: LinePlace): readonly string[] {
  const words: string[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const [found = ""] = pattern.exec(text) ?? [];
    at += found.length;
    return found;
  };
  for (;;) {
    take(SPACE);
    const word = take(WORD);
    if (word !== "") words.push(word);
    else if (at === text.length || text[at] === "#") return words;
    else throw syntaxError(place, "a quotation mark that closes the text", text.slice(at));
  }
}

/** The words of one line, taken from the left. */
export class Words {
  readonly place: LinePlace;
  readonly #words: readonly string[];
  #at = 0;

  /** @throws StreamError `invalid-option` for quotes that are not closed */
  constructor(text: string, place: LinePlace) {
    this.place = place;
    this.#words = split(text, place);
  }

  /** Whether nothing is left. */
  get isEmpty(): boolean {
    return this.#at >= this.#words.length;
  }

  /** The next word, which stays. */
  get next(): string | undefined {
    return this.#words[this.#at];
  }

  /** Takes the next word. `expected` completes "expected …" where there is none. */
  take(expected: string): string {
    const word = this.next;
    if (word === undefined) throw this.error(expected);
    this.#at += 1;
    return word;
  }

  /** Takes the next word if it is this one, and says whether it was. */
  takeIf(word: string): boolean {
    if (this.next !== word) return false;
    this.#at += 1;
    return true;
  }

  /** Takes these words, or throws. */
  takeAll(...words: readonly string[]): void {
    for (const word of words) {
      if (!this.takeIf(word)) throw this.error(`"${words.join(" ")}"`);
    }
  }

  /** Takes one word of a list. */
  takeOneOf<Choice extends string>(choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.next);
    if (found === undefined) throw this.error(oneOf(choices));
    this.#at += 1;
    return found;
  }

  /** Throws when a word is left. */
  end(): void {
    if (!this.isEmpty) throw this.error("the end of the line");
  }

  /** The error about the next word. */
  error(expected: string): StreamError {
    const found = this.next === undefined ? "the end of the line" : quote(this.next);
    return syntaxError(this.place, expected, found);
  }
}

/** Calls a check that knows nothing of text; its complaint is given the place. */
export function checkedAt({ name, line }: LinePlace, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    const { message, code, fault } = error;
    throw new StreamError(`${name}:${line}: ${message}`, { code, fault, cause: error });
  }
}

/** A choice as a person would say it. */
export function oneOf(choices: readonly string[]): string {
  const [last = "", ...rest] = choices.toReversed();
  if (rest.length === 0) return `"${last}"`;
  return `${rest
    .toReversed()
    .map((each) => `"${each}"`)
    .join(", ")} or "${last}"`;
}

function quote(word: string): string {
  return word.includes('"') ? word : `"${word}"`;
}
