// The witness: a file beside the store by which a store that was rolled back gives itself away.
//
// It is named after the number of the newest commit, and renamed after every one, before the commit
// is told to anybody. A copy of the store that is put back has an older number than the name says;
// a copy of everything that is put back over what is there leaves a second witness; one that is put
// into an empty directory is made of new files, which have other identities than those that the
// store has written down. docs/durability.md says what is found in this way, and what cannot be.

import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";

const NAME = /^witness-(\d{1,16})$/;
const NEXT_NAME = "witness-next";
const TEXT =
  "This file shows that the log in this directory was not replaced by an older copy. Leave it where\n" +
  "it is. Whoever restores a copy of the log, or removes this file, gives its streams new epochs.\n";

/**
 * What makes a file the same one: its number, and when it was made, which no copy can bring along.
 * Not the device: it gets another number when a machine starts anew.
 */
export function identify(path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino}.${birthtimeNs}`;
}

/** A witness that is there. */
export interface FoundWitness {
  readonly commit: number;
  readonly identity: string;
}

/** All witnesses in a directory: one, as long as nobody has touched them. */
export function findWitnesses(directory: string): readonly FoundWitness[] {
  return readdirSync(directory).flatMap((name) => {
    const [, digits] = NAME.exec(name) ?? [];
    if (digits === undefined) return [];
    return [{ commit: Number(digits), identity: identify(join(directory, name)) }];
  });
}

/** Follows the commits of an open store. */
export class Witness {
  readonly #directory: string;
  #path: string;

  private constructor(directory: string, path: string) {
    this.#directory = directory;
    this.#path = path;
  }

  /** Makes a new witness, which does not count yet. */
  static create(directory: string): { readonly witness: Witness; readonly identity: string } {
    const path = join(directory, NEXT_NAME);
    rmSync(path, { force: true });
    writeFileSync(path, TEXT);
    return { witness: new Witness(directory, path), identity: identify(path) };
  }

  /** Takes the place of all witnesses before. For opening only: it waits for the file system. */
  establish(commit: number): void {
    const path = nameOf(this.#directory, commit);
    renameSync(this.#path, path);
    this.#path = path;
    for (const found of findWitnesses(this.#directory)) {
      if (found.commit !== commit) rmSync(nameOf(this.#directory, found.commit), { force: true });
    }
  }

  /**
   * Notes another commit.
   *
   * A witness that cannot be renamed stays behind, which is no reason to refuse what is stored: one
   * that somebody has removed brings new epochs when the log is opened again.
   */
  async follow(commit: number): Promise<void> {
    const path = nameOf(this.#directory, commit);
    try {
      await rename(this.#path, path);
      this.#path = path;
    } catch {
      // See above.
    }
  }
}

function nameOf(directory: string, commit: number): string {
  return join(directory, `witness-${commit}`);
}

/** What names this start of the machine; `undefined` where the system does not say. */
export function readBootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Only Linux has it.
    return undefined;
  }
}
