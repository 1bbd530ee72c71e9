// Streams and what they say, by the HTML standard (§9.2.5, §9.2.6): shared by every way of feeding them.

/** What a stream says, in order. */
export interface Reading {
  readonly events: readonly {
    type: string;
    data: string;
    lastEventId: string;
    id: string | undefined;
  }[];
  readonly comments: readonly string[];
  readonly retries: readonly number[];
  readonly idsAlone: readonly string[];
  readonly lastEventId: string;
}

export interface Vector {
  readonly name: string;
  readonly text: string;
  readonly says: Partial<Reading>;
}

const event = (data: string, type = "message", lastEventId = "", id?: string) => ({
  type,
  data,
  lastEventId,
  id,
});

const BOM = "\ufeff";

export const VECTORS: readonly Vector[] = [
  { name: "one event", text: "data: a\n\n", says: { events: [event("a")] } },
  {
    name: "CRLF",
    text: "data: a\r\n\r\ndata: b\r\n\r\n",
    says: { events: [event("a"), event("b")] },
  },
  { name: "CR", text: "data: a\r\rdata: b\r\r", says: { events: [event("a"), event("b")] } },
  {
    name: "mixed line ends",
    text: "data: a\rdata: b\ndata: c\r\n\r\n",
    says: { events: [event("a\nb\nc")] },
  },
  {
    name: "CR LF LF is two lines",
    text: "data: a\r\n\ndata: b\n\r",
    says: { events: [event("a"), event("b")] },
  },
  { name: "a byte order mark", text: `${BOM}data: a\n\n`, says: { events: [event("a")] } },
  {
    name: "a second byte order mark belongs to the field",
    text: `${BOM}${BOM}data: a\n\ndata: b\n\n`,
    says: { events: [event("b")] },
  },
  {
    name: "a byte order mark later on is text",
    text: `data: a${BOM}\n\n`,
    says: { events: [event(`a${BOM}`)] },
  },
  {
    name: "exactly one space is removed",
    text: "data:a\ndata:  b\ndata: \ndata:\n\n",
    says: { events: [event("a\n b\n\n")] },
  },
  { name: "a tab is not a space", text: "data:\ta\n\n", says: { events: [event("\ta")] } },
  {
    name: "a field without a colon is empty",
    text: "data\n\ndata\ndata\n\n",
    says: { events: [event(""), event("\n")] },
  },
  { name: "colons in a value", text: "data: a:b: c\n\n", says: { events: [event("a:b: c")] } },
  {
    name: "unknown fields",
    text: "dat: x\ndatax: y\nData: z\n data: w\nfoo\ndata: a\n\n",
    says: { events: [event("a")] },
  },
  {
    name: "names that begin like known ones",
    text: "idx: 1\neventx: e\nretryx: 5\ndote: 1\nidle: 2\necho: 3\nevenly: 4\nrest: 5\nretro: 6\ndata: a\n\n",
    says: { events: [event("a")] },
  },
  {
    name: "names that leave a known one at each of its letters",
    text: "i: 1\nix: 1\nd: 1\nda: 1\ndax: 1\ndatx: 1\ne: 1\nex: 1\nev: 1\nevx: 1\neve: 1\nevex: 1\neven: 1\nevenx: 1\nr: 1\nrx: 1\nre: 1\nrex: 1\nret: 1\nretx: 1\nretr: 1\nretrx: 1\nx: 1\ndata: a\n\n",
    says: { events: [event("a")] },
  },
  { name: "no data, no event", text: "event: x\n\ndata: a\n\n", says: { events: [event("a")] } },
  { name: "blank lines alone", text: "\n\n\r\n\r\r\n", says: { events: [] } },
  {
    name: "an event type",
    text: "event: alert\ndata: a\n\ndata: b\n\n",
    says: { events: [event("a", "alert"), event("b")] },
  },
  {
    name: "the last of several types",
    text: "event: a\nevent: b\ndata: x\n\n",
    says: { events: [event("x", "b")] },
  },
  {
    name: "an empty type is message",
    text: "event: a\nevent:\ndata: x\n\n",
    says: { events: [event("x")] },
  },
  {
    name: "ids persist, and an empty one resets",
    text: "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
    says: {
      events: [
        event("a", "message", "1", "1"),
        event("b", "message", "1"),
        event("c", "message", "", ""),
      ],
    },
  },
  {
    name: "an id alone moves the last event id",
    text: "id: 7\n\ndata: a\n\n",
    says: { events: [event("a", "message", "7")], idsAlone: ["7"], lastEventId: "7" },
  },
  {
    name: "an id with NUL is ignored",
    text: "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
    says: {
      events: [event("a", "message", "1", "1"), event("b", "message", "1")],
      lastEventId: "1",
    },
  },
  { name: "NUL in data is data", text: "data: a\0b\n\n", says: { events: [event("a\0b")] } },
  {
    name: "comments",
    text: ": hi\n:\n:  two\ndata: a\n\n",
    says: { comments: ["hi", "", " two"], events: [event("a")] },
  },
  {
    name: "retry takes digits only",
    text: "retry: 15\nretry: 1x\nretry: -1\nretry: 1.5\nretry:\nretry\nretry:  9\nretry: 0\n\n",
    says: { retries: [15, 0], events: [] },
  },
  {
    name: "a retry beyond all numbers",
    text: `retry: ${"9".repeat(400)}\n`,
    says: { retries: [Number.MAX_SAFE_INTEGER] },
  },
  {
    name: "a block that is cut says nothing",
    text: "data: a\n\nid: 9\ndata: b\n",
    says: { events: [event("a")], lastEventId: "" },
  },
  {
    name: "a line that is cut says nothing",
    text: "data: a\n\ndata: b",
    says: { events: [event("a")] },
  },
  {
    name: "characters of every length in UTF-8",
    text: "id: é→𝄞\nevent: ü\ndata: naïve → 𝄞 🙂\n\n",
    says: { events: [event("naïve → 𝄞 🙂", "ü", "é→𝄞", "é→𝄞")] },
  },
];
