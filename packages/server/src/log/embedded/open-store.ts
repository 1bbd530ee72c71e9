// Opening a directory: makes sure that it can be used, that nobody else does, and that what is in it
// is what was acknowledged; else its streams get new epochs.

import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { StreamError } from "throughline/core";
import { checkedEpoch } from "../option-values.js";
import { explainFailure, storeCorrupt, storeUnavailable } from "./failures.js";
import { Holder } from "./holder.js";
import type { ResolvedEmbeddedLogOptions } from "./options.js";
import { examineDataFile } from "./preflight.js";
import { DATA_FILE, Store, type StoreOptions, storeOptions } from "./store.js";
import {
  decodeRecord,
  encodeRecord,
  FORMAT,
  isContinued,
  RECORD_KEY,
  type StoreRecord,
} from "./store-record.js";
import { decodeState, encodeState } from "./stream-state.js";
import type { Write } from "./tables.js";
import { createWitness, establishWitness, findWitnesses, identify } from "./witness.js";

/** A store that is held by this log and may be used. */
export interface OpenedStore {
  readonly store: Store;
  readonly options: StoreOptions;
  readonly holder: Holder;
  readonly record: StoreRecord;
}

/** Opens the store of a directory. @throws StreamError as `createEmbeddedLog` has it */
export async function openStore(settings: ResolvedEmbeddedLogOptions): Promise<OpenedStore> {
  const { directory, maxTotalBytes } = settings;
  const path = join(directory, DATA_FILE);
  try {
    prepareDirectory(directory, path);
    const holder = await Holder.prepare(directory);
    let store: Store | undefined;
    try {
      // Not while somebody may be writing to it: then it is in use, which is found out below.
      if (existsSync(path) && !(await holder.isContested())) examineDataFile(path);
      const options = storeOptions({ path, maxTotalBytes });
      store = Store.open(options, directory);
      await holder.claim(store);
      return { store, options, holder, record: begin(store, settings) };
    } catch (error) {
      await store?.close();
      await holder.release();
      throw error;
    }
  } catch (error) {
    throw explainFailure(error, "open", directory);
  }
}

function prepareDirectory(directory: string, path: string): void {
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw storeUnavailable(`"directory" must be a directory, and ${directory} is a file.`);
  }
  mkdirSync(directory, { recursive: true });
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  if (!existsSync(path)) return;
  if (!statSync(path).isFile()) throw storeCorrupt(`${path} is not a file.`);
  accessSync(path, constants.R_OK | constants.W_OK);
}

/** Writes down that the store is in use, by whom, and which file it is. */
function begin(store: Store, settings: ResolvedEmbeddedLogOptions): StoreRecord {
  const { directory } = settings;
  const found = {
    file: identify(join(directory, DATA_FILE)),
    witnesses: findWitnesses(directory),
  };
  store.refresh();
  const value = store.get("store", RECORD_KEY);
  const last = value && decodeRecord(value);
  if (last !== undefined) assertFormat(last, directory);
  const identity = createWitness(directory);
  const newest = Math.max(last?.commit ?? 0, ...found.witnesses.map(({ commit }) => commit));
  const record: StoreRecord = {
    format: FORMAT,
    commit: newest + 1,
    nextLife: last?.nextLife ?? 1,
    file: found.file,
    witnesses: [identity, ...(last?.witnesses ?? []).slice(0, 1)],
    isAhead: settings.acknowledge === "accepted",
    isClosed: false,
  };
  const renewal =
    last === undefined || isContinued(last, found) ? [] : renewEpochs(store, settings);
  store.transact(() => [
    ...renewal,
    { table: "store", key: RECORD_KEY, value: encodeRecord(record) },
  ]);
  store.refresh();
  establishWitness(directory, record.commit);
  return record;
}

/** Gives every stream another epoch; its events stay, under their offsets. */
function renewEpochs(store: Store, { createEpoch }: ResolvedEmbeddedLogOptions): Write[] {
  return [...store.range("streams", { start: Buffer.alloc(1) })].map(({ key, value }) => {
    const state = { ...decodeState(value), epoch: checkedEpoch(createEpoch()) };
    return { table: "streams", key: Buffer.from(key), value: encodeState(state) };
  });
}

function assertFormat({ format }: StoreRecord, directory: string): void {
  if (format === FORMAT) return;
  throw new StreamError(
    `The log in ${directory} has format ${format}; this version of the program reads format ` +
      `${FORMAT}. Use the version that wrote it, or another directory.`,
    { code: "store-unavailable", fault: "local" },
  );
}
