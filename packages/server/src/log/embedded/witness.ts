// The witness: a file beside the store by which a store that was rolled back gives itself away.
//
// It is named after the number of the newest commit, and renamed after every one by the thread that
// commits, before the commit is told to anybody. A copy of the store that is put back has an older number than the name says;
// a copy of everything that is put back over what is there leaves a second witness; one that is put
// into an empty directory is made of new files, which have other identities than those that the
// store has written down. docs/durability.md says what is found in this way, and what cannot be.

import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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

/** Makes a new witness, which does not count yet. @returns its identity */
export function createWitness(directory: string): string {
  const path = join(directory, NEXT_NAME);
  rmSync(path, { force: true });
  writeFileSync(path, TEXT);
  return identify(path);
}

/** Has the new witness take the place of all before it. For opening only. */
export function establishWitness(directory: string, commit: number): void {
  renameSync(join(directory, NEXT_NAME), witnessPath(directory, commit));
  for (const found of findWitnesses(directory)) {
    if (found.commit !== commit) rmSync(witnessPath(directory, found.commit), { force: true });
  }
}

/** Where the witness of a commit is. */
export function witnessPath(directory: string, commit: number): string {
  return join(directory, `witness-${commit}`);
}
