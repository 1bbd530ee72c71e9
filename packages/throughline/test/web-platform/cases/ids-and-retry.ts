import { anyScope, expectSame, type TestCase, type Watch } from "../test-case.js";

/** The two fields that say how to come back. */
export const idAndRetryCases: readonly TestCase[] = [
  {
    name: "the last id is sent as UTF-8 with every later request",
    covers: [
      "format-field-id.any.js",
      "format-field-id.htm",
      "format-field-id-2.any.js",
      "format-field-id-2.htm",
    ],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const { messages, until } = watch(new Subject(`${origin}/last-event-id`));
      await until(() => messages.length >= 3);
      const got = messages.map(({ data, lastEventId }) => [data, lastEventId]);
      expectSame(
        got,
        [
          ["hello", "…"],
          ["…", "…"],
          ["…", "…"],
        ],
        "data and ids",
      );
    },
  },
  ...[
    {
      name: "an id holds for later events until there is another one",
      body: "id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata: 3\n\ndata: 4\n\n",
      ids: ["1", "1", "2", "2"],
    },
    {
      name: "an empty id takes the last one back",
      body: "id: 1\ndata: 1\n\nid:\ndata: 2\n\ndata: 3\n\n",
      ids: ["1", "", ""],
    },
    {
      name: "an id field without a colon takes the last one back",
      body: "id: 1\ndata: 1\n\nid\ndata: 2\n\ndata: 3\n\n",
      ids: ["1", "", ""],
    },
  ].map(
    ({ name, body, ids }): TestCase => ({
      name,
      covers: ["format-field-id-3.htm", "format-field-id-3.window.js"],
      run: async (Subject, { origin, watch }) => {
        const url = `${origin}/message?body=${encodeURIComponent(body)}`;
        const { messages, until } = watch(new Subject(url));
        await until(() => messages.length >= ids.length);
        const wanted = ids.map((id, index) => [String(index + 1), id]);
        const got = messages.map(({ data, lastEventId }) => [data, lastEventId]);
        expectSame(got, wanted, "data and ids");
      },
    }),
  ),
  ...["\0\0", "x\0", "\0x", "x\0x", " \0"].map(
    (id): TestCase => ({
      name: `an id with a NUL in it is skipped: ${JSON.stringify(id)}`,
      covers: ["format-field-id-null.htm", "format-field-id-null.window.js"],
      run: async (Subject, { origin, watch }) => {
        const url = `${origin}/last-event-id?id=${encodeURIComponent(id)}`;
        const { messages, until } = watch(new Subject(url));
        await until(() => messages.length >= 2);
        const got = messages.map(({ data, lastEventId }) => [data, lastEventId]);
        expectSame(
          got,
          [
            ["hello", ""],
            ["hello", ""],
          ],
          "data and ids of two connections",
        );
      },
    }),
  ),
  {
    name: "a retry field is a decimal number, also with a leading zero",
    covers: ["format-field-retry.any.js", "format-field-retry.htm"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      // 1536 ms if it were taken as octal.
      const url = `${origin}/message?body=${encodeURIComponent("retry:03000\ndata:x\n\n")}`;
      await expectReopenAfter(watch(new Subject(url)), { atLeastMs: 2250, atMostMs: 6000 });
    },
  },
  {
    name: "a retry field with anything but digits does not shorten the time",
    covers: ["format-field-retry-bogus.any.js", "format-field-retry-bogus.htm"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const body = encodeURIComponent("retry:3000\nretry:1000x\ndata:x\n\n");
      const url = `${origin}/message?body=${body}`;
      await expectReopenAfter(watch(new Subject(url)), { atLeastMs: 2250, atMostMs: 6000 });
    },
  },
  {
    name: "a retry field with anything but digits does not lengthen the time",
    covers: ["format-field-retry-bogus-2.any.js"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const body = encodeURIComponent("retry:1000\nretry:9000x\ndata:x\n\n");
      const url = `${origin}/message?body=${body}`;
      await expectReopenAfter(watch(new Subject(url)), { atLeastMs: 750, atMostMs: 6000 });
    },
  },
];

async function expectReopenAfter(
  { source }: Watch,
  { atLeastMs, atMostMs }: { readonly atLeastMs: number; readonly atMostMs: number },
): Promise<void> {
  const opened = () =>
    new Promise<number>((resolve) => {
      source.onopen = () => resolve(performance.now());
    });
  const first = await opened();
  const waitedMs = Math.round((await opened()) - first);
  if (waitedMs < atLeastMs || waitedMs > atMostMs) {
    throw new Error(`opened again after ${waitedMs} ms, not after ${atLeastMs} to ${atMostMs} ms`);
  }
}
