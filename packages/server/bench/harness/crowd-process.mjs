// The readers, in a process of their own: raw sockets, one buffer for all reads, and of the bytes nothing
// but the marked records of `events.mjs` is looked at. It does what its parent says, one thing at a time,
// and says when it is done and how much of its core that took.

import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { MARK, nowMicros, RECORD_BYTES } from "./events.mjs";

/** Connections that are being made at the same time: the backlog of a listening socket holds more. */
const AT_A_TIME = 200;

/** A run that takes longer has failed: what has not come by then is lost. */
const PATIENCE_MS = 180_000;

const buffer = Buffer.allocUnsafe(256 * 1024);

/** @type {Reader[]} */
let readers = [];
/** What is being waited for. */
let wanted = { records: Number.POSITIVE_INFINITY, resolve: () => {} };
/** The parent is told whenever so many records more have come. */
let step = Number.POSITIVE_INFINITY;
let nextStep = step;
const seen = { records: 0, lost: 0, repeated: 0, hungUp: 0 };
/** Microseconds from publishing to reading, where they are asked for. */
let delays;

class Reader {
  /** The number that has to come next; 0: whatever comes. */
  next = 0;
  isOpen = false;
  #rest;
  #socket;

  open({ port, request }, onOpen) {
    this.isOpen = false;
    this.#rest = undefined;
    const onread = { buffer, callback: (length) => this.#read(length, onOpen) };
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket === socket) seen.hungUp += 1;
    });
    socket.write(request);
    this.#socket = socket;
  }

  /** Resets the connection, which leaves nothing behind in the system. */
  drop() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.resetAndDestroy();
  }

  #read(length, onOpen) {
    if (!this.isOpen) {
      this.isOpen = true;
      onOpen(this);
    }
    this.#scan(buffer.subarray(0, length));
    return true;
  }

  #scan(bytes) {
    const all = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = undefined;
    for (let at = all.indexOf(MARK); at >= 0; at = all.indexOf(MARK, at + RECORD_BYTES)) {
      if (at + RECORD_BYTES > all.length) {
        this.#rest = Buffer.from(all.subarray(at));
        return;
      }
      this.#take(all, at);
    }
  }

  #take(bytes, at) {
    const number = digits(bytes, at + 1, 9);
    if (number < this.next) seen.repeated += 1;
    else {
      if (this.next > 0) seen.lost += number - this.next;
      this.next = number + 1;
    }
    delays?.push(nowMicros() - digits(bytes, at + 11, 12));
    seen.records += 1;
    if (seen.records >= nextStep) {
      nextStep += step;
      process.send({ progress: seen.records });
    }
    if (seen.records >= wanted.records) wanted.resolve();
  }
}

function digits(bytes, at, count) {
  let value = 0;
  for (let index = at; index < at + count; index += 1) value = value * 10 + bytes[index] - 48;
  return value;
}

const commands = {
  seat: async ({ count, next }) => {
    readers = Array.from({ length: count }, () => new Reader());
    for (const reader of readers) reader.next = next;
  },
  /** Opens so many connections, and answers when each has been sent something. */
  connect: async ({ port, requests, count, next = 0 }) => {
    await commands.seat({ count, next });
    return await openAll(port, requests);
  },
  /** Breaks all connections off. */
  drop: async () => {
    for (const reader of readers) reader.drop();
  },
  /** Opens them again, all at once; answers when all have what they have missed. */
  reconnect: async ({ port, requests, records }) => {
    const arrived = expectRecords(records);
    const beganMs = performance.now();
    for (const [index, reader] of readers.entries()) {
      reader.open({ port, request: requests[index % requests.length] }, () => {});
    }
    await arrived();
    return { tookMs: performance.now() - beganMs, ...takeSeen() };
  },
  /** Begins to count; the answer to `finish` comes when so many records have come in all. */
  expect: async ({ records, withDelays, step: wantedStep }) => {
    step = wantedStep > 0 ? wantedStep : Number.POSITIVE_INFINITY;
    nextStep = step;
    delays = withDelays ? [] : undefined;
    finish = expectRecords(records);
  },
  finish: async () => {
    await finish();
    return { ...takeSeen(), delays: delays && summaryOf(delays) };
  },
};

let finish = async () => {};

function expectRecords(records) {
  takeSeen();
  const done = new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    wanted = {
      records,
      resolve: () => {
        clearTimeout(timer);
        resolve();
      },
    };
  });
  return async () => {
    await done;
    // Whatever comes too much comes soon.
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.lost += Math.max(0, records - seen.records - seen.lost);
    wanted = { records: Number.POSITIVE_INFINITY, resolve: () => {} };
  };
}

function takeSeen() {
  const taken = { ...seen };
  Object.assign(seen, { records: 0, lost: 0, repeated: 0, hungUp: 0 });
  return taken;
}

function summaryOf(micros) {
  const sorted = Float64Array.from(micros).sort();
  const at = (share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) / 1000;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

async function openAll(port, requests) {
  const beganMs = performance.now();
  let begun = 0;
  let open = 0;
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`only ${open} of ${readers.length} readers were answered`));
    }, PATIENCE_MS);
    const openNext = () => {
      const reader = readers[begun];
      if (reader === undefined) return;
      const request = requests[begun % requests.length];
      begun += 1;
      reader.open({ port, request }, () => {
        open += 1;
        if (open < readers.length) openNext();
        else {
          clearTimeout(timer);
          resolve();
        }
      });
    };
    for (let count = 0; count < AT_A_TIME; count += 1) openNext();
  });
  return { tookMs: performance.now() - beganMs };
}

process.on("message", async ({ command, ...given }) => {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  try {
    const answer = await commands[command](given);
    const { user, system } = process.cpuUsage(before);
    const busy = (user + system) / 1000 / (performance.now() - beganMs);
    process.send({ answer: { ...answer, busy } });
  } catch (error) {
    process.send({ error: error instanceof Error ? error.message : String(error) });
  }
});
