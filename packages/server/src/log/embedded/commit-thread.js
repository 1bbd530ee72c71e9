// The thread that commits: takes lists of writes, applies each as one transaction, and says when it
// is on disk and witnessed. It is the only place that waits for a disk.
//
// Plain JavaScript, because Node starts it by itself, also where the rest is run from its sources.

import { renameSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { open } from "lmdb";

/**
 * LMDB's flags of a transaction: abortable, and committed and flushed before the call returns.
 *
 * @type {number}
 */
const COMMIT = 0x3;

/** @type {{ storeOptions: import("lmdb").RootDatabaseOptionsWithPath, tables: string[], witness: string }} */
const { storeOptions, tables, witness: firstWitness } = workerData;
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

const root = open(storeOptions);
const databases = tables.map((name) =>
  root.openDB({ name, encoding: "binary", keyEncoding: "binary" }),
);
let witness = firstWitness;

port.on("message", (/** @type {{ writes: ArrayBuffer, witness: string } | "stop"} */ message) => {
  if (message === "stop") void stop();
  else commit(Buffer.from(message.writes), message.witness);
});
port.postMessage({ kind: "ready" });

/**
 * @param {Buffer} writes as `encodeWrites` has them
 * @param {string} nextWitness the path of the witness from then on
 */
function commit(writes, nextWitness) {
  try {
    root.transactionSync(() => apply(writes), COMMIT);
  } catch (error) {
    port.postMessage({ kind: "refused", ...describe(error) });
    return;
  }
  follow(nextWitness);
  port.postMessage({ kind: "committed" });
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

/**
 * Has the witness follow a commit, before anybody is told of it.
 *
 * One that cannot be renamed stays behind, which is no reason to refuse what is stored: one that
 * somebody has removed brings new epochs when the log is opened again.
 *
 * @param {string} path
 */
function follow(path) {
  try {
    renameSync(witness, path);
    witness = path;
  } catch {
    // See above.
  }
}

async function stop() {
  try {
    await root.close();
    port.postMessage({ kind: "stopped" });
  } catch (error) {
    port.postMessage({ kind: "refused", ...describe(error) });
  }
  port.close();
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  return { code: "code" in error ? error.code : undefined, message: error.message };
}
