import { describe, expect, it } from "vitest";
import {
  decodeRecord,
  isContinued,
  type StoreRecord,
  type Surroundings,
} from "../../../src/log/embedded/store-record.js";

const RECORD: StoreRecord = {
  format: 1,
  commit: 100,
  nextLife: 7,
  file: "inode-1",
  witnesses: ["inode-2", "inode-3"],
  isAhead: false,
  isClosed: false,
};

const FOUND: Surroundings = {
  file: "inode-1",
  witnesses: [{ commit: 100, identity: "inode-2" }],
};

/** A log that acknowledges before it stores, and was not closed. */
const AHEAD = { ...RECORD, isAhead: true };

/** As it was written when it also named the start of the machine. */
const OLD = decodeRecord(Buffer.from(JSON.stringify({ ...RECORD, bootId: "boot-1" })));

describe("a store is taken for the one that was in use before", () => {
  it.each<[when: string, record: StoreRecord, found: Surroundings]>([
    ["when everything is as it was", RECORD, FOUND],
    [
      "when it was killed between a commit and the witness of it",
      RECORD,
      { ...FOUND, witnesses: [{ commit: 99, identity: "inode-2" }] },
    ],
    [
      "when it was killed while it exchanged its witness",
      RECORD,
      {
        ...FOUND,
        witnesses: [
          { commit: 100, identity: "inode-2" },
          { commit: 98, identity: "inode-3" },
        ],
      },
    ],
    ["when it was ahead of its disk, and closed", { ...AHEAD, isClosed: true }, FOUND],
    ["when an earlier version has written down the start of the machine, too", OLD, FOUND],
  ])("%s", (_when, record, found) => {
    expect(isContinued(record, found)).toBe(true);
  });
});

describe("a store is not taken for the one that was in use before", () => {
  it.each<[when: string, record: StoreRecord, found: Surroundings]>([
    ["when its file is another one", RECORD, { ...FOUND, file: "inode-9" }],
    ["when it has no witness", RECORD, { ...FOUND, witnesses: [] }],
    [
      "when its witness knows of a later commit",
      RECORD,
      { ...FOUND, witnesses: [{ commit: 101, identity: "inode-2" }] },
    ],
    [
      "when its witness is another file",
      RECORD,
      { ...FOUND, witnesses: [{ commit: 100, identity: "inode-9" }] },
    ],
    [
      "when a second witness knows of a later commit",
      RECORD,
      { ...FOUND, witnesses: [...FOUND.witnesses, { commit: 120, identity: "inode-3" }] },
    ],
    ["when it was ahead of its disk, and not closed", AHEAD, FOUND],
  ])("%s", (_when, record, found) => {
    expect(isContinued(record, found)).toBe(false);
  });
});
