import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Draft } from "../../../src/log/embedded/draft.js";
import { DATA_FILE, Store, storeOptions } from "../../../src/log/embedded/store.js";
import { temporaryDirectory } from "./temporary-directory.js";

const KEY = Buffer.from("key");
const OTHER = Buffer.from("other");

/** A store in which the first key has a value. */
function openStore(): Store {
  const directory = temporaryDirectory();
  const path = join(directory, DATA_FILE);
  const options = storeOptions({ path, maxTotalBytes: 2 ** 20 });
  const store = Store.open(options, directory);
  onTestFinished(() => store.close());
  store.transact(() => [{ table: "ids", key: KEY, value: Buffer.from("committed") }]);
  return store;
}

describe("a draft", () => {
  it("reads what it has changed, and leaves what is committed as it is", () => {
    const store = openStore();
    const draft = new Draft(store);
    expect(draft.get("ids", KEY)?.toString()).toBe("committed");
    draft.put("ids", OTHER, Buffer.from("drafted"));
    draft.remove("ids", KEY);
    expect(draft.get("ids", OTHER)?.toString()).toBe("drafted");
    expect(draft.get("ids", KEY)).toBeUndefined();
    expect([...draft.committed("ids", { start: Buffer.alloc(1) })]).toEqual([]);
    expect(store.get("ids", KEY)?.toString()).toBe("committed");
  });

  it("takes an attempt back that fails in the middle, and nothing of those before it", () => {
    const draft = new Draft(openStore());
    draft.attempt(() => draft.put("ids", KEY, Buffer.from("first")));
    const failing = () =>
      draft.attempt(() => {
        draft.put("ids", KEY, Buffer.from("second"));
        draft.put("ids", KEY, Buffer.from("third"));
        draft.put("ids", OTHER, Buffer.from("other"));
        throw new Error("in the middle");
      });
    expect(failing).toThrow("in the middle");
    expect(draft.get("ids", KEY)?.toString()).toBe("first");
    expect(draft.get("ids", OTHER)).toBeUndefined();
    expect(draft.writes()).toEqual([{ table: "ids", key: KEY, value: Buffer.from("first") }]);
  });
});
