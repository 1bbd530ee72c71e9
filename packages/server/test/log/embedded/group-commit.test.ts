// Which calls are answered when, with commits that end when the test wants.

import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { EmbeddedStream } from "../../../src/log/embedded/embedded-stream.js";
import { GroupCommit } from "../../../src/log/embedded/group-commit.js";
import { Losses } from "../../../src/log/embedded/losses.js";
import { DATA_FILE, Store, storeOptions } from "../../../src/log/embedded/store.js";
import { newState } from "../../../src/log/embedded/stream-state.js";
import { Sweeper } from "../../../src/log/embedded/sweeper.js";
import { parseStreamName } from "../../../src/log/stream-name.js";
import { temporaryDirectory } from "./temporary-directory.js";

const NAME = parseStreamName("ward/42");
const FULL = new Error("full");

/** A row of calls on one stream, the commits that were asked for, and what was heard. */
function makeGroup(maxPendingBytes = 1000) {
  const directory = temporaryDirectory();
  const path = join(directory, DATA_FILE);
  const store = Store.open(storeOptions({ path, maxTotalBytes: 2 ** 20 }), directory);
  onTestFinished(() => store.close());
  const stream = new EmbeddedStream(NAME, store, newState(1, "first"));
  const commits: { end(): void; fail(): void }[] = [];
  const heard: string[] = [];
  const losses = new Losses();
  const group = new GroupCommit({
    store,
    sweeper: new Sweeper(),
    maxPendingBytes,
    begin: (draft) => losses.renew(draft, () => "second"),
    commit: () =>
      new Promise((resolve, reject) => commits.push({ end: resolve, fail: () => reject(FULL) })),
    complete: () => {},
    show: (draft) => {
      losses.settle();
      for (const [each, state] of draft.states) each.show(state);
      heard.push("shown");
    },
    lose: (draft, answered) => {
      for (const { events } of losses.note(draft, answered)) heard.push(`lost ${events}`);
    },
  });
  /** Adds an event; what comes of it is heard under its name. */
  const add = (name: string, { isEarly = true, bytes = 10 } = {}) => {
    const call = group.submit(
      (draft) => {
        const state = draft.state(stream) ?? newState(1, "none");
        draft.setState(stream, { ...state, offset: state.offset + 1 });
        return `${state.epoch}.${state.offset + 1}`;
      },
      { bytes, early: isEarly ? NAME : undefined },
    );
    call.then(
      (value) => heard.push(`${name}: ${value}`),
      (error) => heard.push(`${name}: ${error.message}`),
    );
  };
  const refuse = (name: string) => {
    const refusal = () => {
      throw new Error("refused");
    };
    group
      .submit(refusal, { bytes: 0, early: NAME })
      .catch((error) => heard.push(`${name}: ${error.message}`));
  };
  /** Waits for a commit to be asked for. */
  const commit = async (number: number) =>
    await vi.waitFor(() => {
      const asked = commits[number - 1];
      if (asked === undefined) throw new Error("not yet");
      return asked;
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { group, stream, heard, add, refuse, commit, settle };
}

describe("a group", () => {
  it("takes along what publishers send upon the answers of the one before", async () => {
    const { heard, add, commit, settle } = makeGroup();
    add("a", { isEarly: false });
    const first = await commit(1);
    add("b", { isEarly: false });
    first.end();
    await settle();
    expect(heard).toEqual(["shown", "a: first.1"]);
    add("c", { isEarly: false });
    (await commit(2)).end();
    await settle();
    expect(heard.slice(2)).toEqual(["shown", "b: first.2", "c: first.3"]);
  });
});

describe("a call that need not wait for the disk", () => {
  it("is answered while its group is committed, and all others afterwards", async () => {
    const { heard, add, refuse, commit, settle } = makeGroup();
    add("early");
    add("late", { isEarly: false });
    refuse("refused");
    const first = await commit(1);
    await settle();
    expect(heard).toEqual(["early: first.1"]);
    first.end();
    await settle();
    expect(heard).toEqual(["early: first.1", "shown", "late: first.2", "refused: refused"]);
  });

  it("keeps whoever asks for its stream waiting until it is committed", async () => {
    const { group, stream, heard, add, commit, settle } = makeGroup();
    expect(group.ahead(stream)).toBeUndefined();
    add("early");
    const first = await commit(1);
    void group.ahead(stream)?.then(() => heard.push(`head ${stream.state?.offset}`));
    await settle();
    first.end();
    await settle();
    expect(heard).toEqual(["early: first.1", "shown", "head 1"]);
    expect(group.ahead(stream)).toBeUndefined();
  });

  it("counts as pending until it is committed", async () => {
    const { heard, add, commit, settle } = makeGroup(100);
    add("acknowledged", { bytes: 60 });
    const first = await commit(1);
    add("one may wait", { bytes: 60 });
    add("too much", { bytes: 1 });
    await settle();
    expect(heard).toEqual([
      "acknowledged: first.1",
      expect.stringMatching(/^too much: The disk is slower than the publishers: 120 bytes/),
    ]);
    first.end();
    (await commit(2)).end();
    await settle();
    add("again", { bytes: 60 });
    await commit(3);
    await settle();
    expect(heard.slice(2)).toEqual(["shown", "one may wait: first.2", "shown", "again: first.3"]);
  });
});

describe("a group that is not committed after its calls were answered", () => {
  it("is told as lost; what follows waits for the disk, and has another epoch", async () => {
    const { heard, add, commit, settle } = makeGroup();
    add("a");
    add("b");
    const first = await commit(1);
    await settle();
    first.fail();
    await settle();
    expect(heard.splice(0)).toEqual(["a: first.1", "b: first.2", "lost 2"]);

    add("c");
    const second = await commit(2);
    await settle();
    expect(heard).toEqual([]);
    second.fail();
    await settle();
    expect(heard.splice(0)).toEqual(["c: full"]);

    add("little", { bytes: 10 });
    (await commit(3)).end();
    await settle();
    expect(heard.splice(0)).toEqual(["shown", "little: second.1"]);

    add("d");
    const fourth = await commit(4);
    await settle();
    fourth.end();
    await settle();
    expect(heard.splice(0)).toEqual(["shown", "d: second.2"]);

    add("e");
    await commit(5);
    await settle();
    expect(heard).toEqual(["e: second.3"]);
  });

  it("is no loss where none of its calls was answered", async () => {
    const { heard, add, commit, settle } = makeGroup();
    add("late", { isEarly: false });
    (await commit(1)).fail();
    await settle();
    expect(heard).toEqual(["late: full"]);
  });
});
