import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const AMPLE = { limit: 1000, maxBytes: 1_000_000 };

describe("an embedded log that is opened again", () => {
  it("has the epoch, the position, the events, the trim and the seal that it had", async () => {
    const directory = temporaryDirectory();
    const first = await createEmbeddedLog({ directory });
    await first.append(STREAM, [{ data: "a" }, { data: "b", type: "alert" }, { data: "c" }]);
    await first.trim(STREAM, 1);
    const head = await first.seal(STREAM, "over");
    const page = await first.read(STREAM, { after: 1, ...AMPLE });
    await first.close();

    const second = await createEmbeddedLog({ directory });
    expect(await second.head(STREAM)).toEqual(head);
    expect(await second.read(STREAM, { after: 1, ...AMPLE })).toEqual(page);
    expect(head).toMatchObject({ earliest: 2, offset: 3, sealed: true, sealReason: "over" });
    await second.close();
  });

  it("has the epoch of a stream that was only asked for", async () => {
    const directory = temporaryDirectory();
    const first = await createEmbeddedLog({ directory });
    const { epoch } = await first.head(STREAM);
    await first.close();
    const second = await createEmbeddedLog({ directory });
    expect((await second.head(STREAM)).epoch).toBe(epoch);
    await second.close();
  });

  it("recognises ids and producers, and fences as before", async () => {
    const directory = temporaryDirectory();
    const producer = { id: "p", epoch: 3, sequence: 7 };
    const first = await createEmbeddedLog({ directory });
    await first.append(STREAM, [{ data: "a", id: "one" }]);
    const sent = await first.append(STREAM, [{ data: "b" }, { data: "c" }], { producer });
    await first.close();

    const second = await createEmbeddedLog({ directory });
    const again = await second.append(STREAM, [{ data: "x", id: "one" }]);
    expect(again.events).toEqual([{ offset: 1, isDuplicate: true }]);
    const repeated = await second.append(STREAM, [{ data: "b" }, { data: "c" }], { producer });
    expect(repeated.epoch).toBe(sent.epoch);
    expect(repeated.events.map(({ offset }) => offset)).toEqual([2, 3]);
    const late = second.append(STREAM, [{ data: "d" }], { producer: { ...producer, epoch: 2 } });
    await expect(late).rejects.toMatchObject({ code: "producer-fenced" });
    await second.close();
  });

  it("does not bring a removed stream back", async () => {
    const directory = temporaryDirectory();
    const first = await createEmbeddedLog({ directory });
    const { epoch } = await first.append(STREAM, [{ data: "a", id: "one" }]);
    await first.remove(STREAM);
    await first.close();
    const second = await createEmbeddedLog({ directory });
    const head = await second.head(STREAM);
    expect(head.offset).toBe(0);
    expect(head.epoch).not.toBe(epoch);
    const again = await second.append(STREAM, [{ data: "a", id: "one" }]);
    expect(again.events).toEqual([{ offset: 1, isDuplicate: false }]);
    await second.close();
  });
});
