// What the store says about itself: its format, and by what it knows that it was not replaced.

import type { FoundWitness } from "./witness.js";

/** The format of everything in the store. */
export const FORMAT = 1;

/** Where the record stands in the table `store`. */
export const RECORD_KEY = Buffer.from("record");

/** The record of the store, written with every commit. */
export interface StoreRecord {
  readonly format: number;
  /** The number of the commit that wrote it. */
  readonly commit: number;
  /** The number that the next stream, or the next life of one, gets. */
  readonly nextLife: number;
  /** The identity of the data file when it was opened. */
  readonly file: string;
  /** The identities of the witness, and of the one before. */
  readonly witnesses: readonly string[];
  /** Whether events were acknowledged before they were committed. */
  readonly isAhead: boolean;
  /** Whether it was closed, with everything committed. */
  readonly isClosed: boolean;
}

/** What is found when a store is opened. */
export interface Surroundings {
  readonly file: string;
  readonly witnesses: readonly FoundWitness[];
}

/** Whether the store is provably the one that was last in use here, with all it acknowledged. */
export function isContinued(record: StoreRecord, found: Surroundings): boolean {
  const isSameFile = record.file === found.file;
  const isWitnessed =
    found.witnesses.length > 0 &&
    found.witnesses.every(
      ({ commit, identity }) => commit <= record.commit && record.witnesses.includes(identity),
    );
  const mayBeBehind = record.isAhead && !record.isClosed;
  return isSameFile && isWitnessed && !mayBeBehind;
}

export function encodeRecord(record: StoreRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

export function decodeRecord(value: Buffer): StoreRecord {
  return JSON.parse(value.toString()) as StoreRecord;
}
