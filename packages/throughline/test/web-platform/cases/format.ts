import { anyScope, expectSame, type Scope, type TestCase } from "../test-case.js";

interface FormatCase {
  readonly name: string;
  readonly covers: readonly string[];
  /** The whole stream. */
  readonly body: string;
  /** The events in order, each as its type and its data. */
  readonly events: readonly string[];
  readonly scopes?: readonly Scope[];
}

const long = "x".repeat(2048);

/** What comes of a given text. Every text is sent whole; pieces are the parser's unit tests. */
const formatCases: readonly FormatCase[] = [
  {
    name: "a byte order mark is ignored at the start and only there",
    covers: ["format-bom.any.js", "format-bom.htm", "format-bom.js"],
    body: "\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n",
    events: ["message 1", "message 3"],
  },
  {
    name: "of two byte order marks the second one belongs to the first line",
    covers: ["format-bom-2.any.js", "format-bom-2.htm"],
    body: "\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n",
    events: ["message 2", "message 3"],
  },
  {
    name: "comments change nothing, whatever is in them and however long they are",
    covers: ["format-comments.any.js", "format-comments.htm", "format-comments.js"],
    body: `data:1\r:\0\n:\r\ndata:2\n:${long}\rdata:3\n:data:fail\r:${long}\ndata:4\n\n`,
    events: ["message 1\n2\n3\n4"],
  },
  {
    name: "data fields may be empty, may lack the colon, and are joined by newlines",
    covers: ["format-field-data.any.js", "format-field-data.htm", "format-field-data.js"],
    body: "data:\n\ndata\ndata\n\ndata:test\n\n",
    events: ["message ", "message \n", "message test"],
  },
  {
    name: "an event field without a value leaves the type at message",
    covers: ["format-field-event-empty.any.js", "format-field-event-empty.htm"],
    body: "event: \ndata:data\n\n",
    events: ["message data"],
  },
  {
    name: "an event field sets the type of its own block only",
    covers: [
      "format-field-event.any.js",
      "format-field-event.htm",
      "submissions/MOSQUITO/field-name-event.html",
    ],
    body: "event:test\ndata:x\n\ndata:y\n\n",
    events: ["test x", "message y"],
  },
  {
    name: "field names are exact: no case folding, no space, no NUL, no likeness",
    covers: ["format-field-parsing.any.js", "format-field-parsing.htm"],
    body:
      "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\n" +
      "data:3\rdata:\r\n data:32\ndata:4\n\n",
    events: ["message \0\n 2\n1\n3\n\n4"],
  },
  {
    name: "lines that are no field of the format are skipped",
    covers: ["format-field-unknown.any.js", "format-field-unknown.htm"],
    body: "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:a comment\ndata:test\n\n",
    events: ["message test\n\ntest"],
  },
  {
    name: "a retry field without a value is skipped",
    covers: ["format-field-retry-empty.any.js", "format-field-retry-empty.htm"],
    body: "retry\ndata:test\n\n",
    events: ["message test"],
  },
  {
    name: "one space after the colon is dropped, a tab is data",
    covers: ["format-leading-space.any.js", "format-leading-space.htm"],
    body: "data:\ttest\rdata: \ndata:test\n\n",
    events: ["message \ttest\n\ntest"],
  },
  {
    name: "lines end in CR LF, LF or CR",
    covers: ["format-newlines.any.js", "format-newlines.htm"],
    body: "data:test\r\ndata\ndata:test\r\n\r",
    events: ["message test\n\ntest"],
  },
  {
    name: "a NUL in the data is data",
    covers: ["format-null-character.any.js", "format-null-character.html"],
    body: "data:\0\n\n\n\n",
    events: ["message \0"],
  },
];

/** The text of streams: lines, fields, types, media types. Ids and retry have files of their own. */
export const formatTestCases: readonly TestCase[] = [
  ...formatCases.map(
    ({ name, covers, body, events }): TestCase => ({
      name,
      covers,
      scopes: anyScope,
      run: async (Subject, { origin, watch }) => {
        const url = `${origin}/message?body=${encodeURIComponent(body)}`;
        const { messages, until } = watch(new Subject(url), ["test"]);
        await until(() => messages.length >= events.length);
        expectSame(
          messages.map(({ type, data }) => `${type} ${data}`),
          events,
          "events",
        );
      },
    }),
  ),
  {
    name: "a stream that comes in pieces gives the events of the whole",
    covers: ["event-data.any.js", "event-data.html", "event-data.js"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const { messages, until } = watch(new Subject(`${origin}/pieces`));
      await until(() => messages.length >= 3);
      expectSame(
        messages.map(({ data }) => data),
        ["msg\nmsg", "", "end"],
        "data",
      );
    },
  },
  {
    name: "a block that the stream cuts off is no event, and its id does not count",
    covers: [
      "format-data-before-final-empty-line.any.js",
      "format-data-before-final-empty-line.htm",
      "format-data-before-final-empty-line.js",
    ],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const body = encodeURIComponent("retry:1000\ndata:test1\n\nid:test\ndata:test2\n");
      const { messages, until } = watch(new Subject(`${origin}/message?body=${body}`));
      await until(() => messages.length >= 2);
      const got = messages.map(({ data, lastEventId }) => [data, lastEventId]);
      expectSame(
        got,
        [
          ["test1", ""],
          ["test1", ""],
        ],
        "data and ids of two connections",
      );
    },
  },
  {
    name: "the stream is UTF-8 even where the media type says otherwise",
    covers: ["format-utf-8.any.js", "format-utf-8.htm", "format-utf-8.js"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const mime = encodeURIComponent("text/event-stream;charset=windows-1252");
      const body = encodeURIComponent("data:ok…\n\n");
      const { seen, until } = watch(new Subject(`${origin}/message?mime=${mime}&body=${body}`));
      await until(() => seen.some((event) => !event.startsWith("open")));
      expectSame(seen, ["open OPEN", "message OPEN ok…"], "events");
    },
  },
  {
    name: "a media type with an empty parameter is fine",
    covers: ["format-mime-trailing-semicolon.any.js", "format-mime-trailing-semicolon.htm"],
    scopes: anyScope,
    run: async (Subject, { origin, watch }) => {
      const mime = encodeURIComponent("text/event-stream;");
      const { seen, until } = watch(new Subject(`${origin}/message?mime=${mime}`));
      await until(() => seen.length > 0);
      expectSame(seen, ["open OPEN"], "the first event");
    },
  },
  ...[
    {
      mime: "x bogus",
      covers: ["format-mime-bogus.any.js", "format-mime-bogus.htm"],
    },
    {
      mime: "text/x-bogus",
      covers: ["format-mime-valid-bogus.any.js", "format-mime-valid-bogus.htm"],
    },
  ].map(
    ({ mime, covers }): TestCase => ({
      name: `another media type fails the connection for good: ${mime}`,
      covers,
      scopes: anyScope,
      run: async (Subject, { origin, watch }) => {
        const url = `${origin}/message?mime=${encodeURIComponent(mime)}`;
        const { seen, events, messages, until } = watch(new Subject(url));
        await until(() => seen.length > 0);
        expectSame(seen, ["error CLOSED"], "the first event");
        expectSame(messages.length, 0, "message events");
        const kinds = events.map(({ bubbles, cancelable }) => ({ bubbles, cancelable }));
        expectSame(kinds, [{ bubbles: false, cancelable: false }], "the kind of event");
      },
    }),
  ),
];
