// The thread that commits: takes lists of writes, applies each as one transaction, and says when it
// is on disk. It is the only place that waits for a disk.
//
// Plain JavaScript, because Node starts it by itself, also where the rest is run from its sources.

import { parentPort, workerData } from "node:worker_threads";
import { open } from "lmdb";

/** LMDB's flags of a transaction: abortable, committed before the call returns; and not flushed. */
const COMMIT = 0x3;
const UNFLUSHED = 0x10000;

/** @type {{ storeOptions: import("lmdb").RootDatabaseOptionsWithPath, tables: string[], flushes: boolean }} */
const { storeOptions, tables, flushes } = workerData;
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

const root = open(storeOptions);
const databases = tables.map((name) =>
  root.openDB({ name, encoding: "binary", keyEncoding: "binary" }),
);
/** @type {Promise<void> | undefined} */
let flushUnderWay;
let mustFlushAgain = false;

port.on("message", (/** @type {ArrayBuffer | "stop"} */ message) => {
  if (message === "stop") void stop();
  else commit(Buffer.from(message));
});
port.postMessage({ kind: "ready" });

/** @param {Buffer} writes as `encodeWrites` has them */
function commit(writes) {
  try {
    root.transactionSync(() => apply(writes), flushes ? COMMIT : COMMIT | UNFLUSHED);
    port.postMessage({ kind: "committed" });
  } catch (error) {
    port.postMessage({ kind: "refused", ...describe(error) });
  }
  if (!flushes) flush();
}

/** @param {Buffer} writes */
function apply(writes) {
  for (let at = 0; at < writes.length; ) {
    const database = databases[writes.readUInt8(at)];
    const keyEnd = at + 7 + writes.readUInt16BE(at + 1);
    const valueBytes = writes.readUInt32BE(at + 3);
    const key = writes.subarray(at + 7, keyEnd);
    if (valueBytes === 0xffff_ffff) {
      database?.removeSync(key);
      at = keyEnd;
    } else {
      at = keyEnd + valueBytes;
      database?.putSync(key, writes.subarray(keyEnd, at));
    }
  }
}

/** Flushes what was committed; what comes meanwhile is flushed together afterwards. */
function flush() {
  mustFlushAgain = flushUnderWay !== undefined;
  if (mustFlushAgain) return;
  flushUnderWay = sync().then((failure) => {
    flushUnderWay = undefined;
    if (failure !== undefined) port.postMessage({ kind: "unflushed", ...failure });
    else if (mustFlushAgain) flush();
  });
}

async function stop() {
  // LMDB does not wait for a flush when it is closed, and a flush of a closed store ends the process.
  while (flushUnderWay !== undefined) await flushUnderWay;
  const failure = await sync();
  await root.close();
  port.postMessage({ kind: "stopped", ...failure });
  port.close();
}

/**
 * LMDB's flush, in a thread of its own pool; the types of the package leave it out.
 *
 * @returns {Promise<{ code?: unknown, message?: string } | undefined>} why it failed, if it did
 */
function sync() {
  const store = /** @type {{ sync(callback: (error?: unknown) => void): void }} */ (
    /** @type {unknown} */ (root)
  );
  return new Promise((resolve) => {
    store.sync((error) => resolve(error ? describe(error) : undefined));
  });
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  return { code: "code" in error ? error.code : undefined, message: error.message };
}
