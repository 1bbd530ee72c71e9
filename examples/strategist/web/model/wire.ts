// Reads the messages of the application's feed, where they come in. Both generations of the back end
// are understood; what is not understood is passed over, as the application's own parsers must.

/** How urgent an item is. */
export type Priority = "critical" | "high" | "medium" | "low";

/** What an item is, in the words of the page. */
export type ItemKind = "alert" | "report" | "post" | "brief";

/** One item of the feed. Times are milliseconds since 1970. */
export interface FeedItem {
  /** The same in the ledger; unique in the feed. */
  readonly id: string;
  readonly kind: ItemKind;
  /** The ward's name. */
  readonly ward: string;
  readonly priority: Priority;
  /** Empty for alerts, which are one sentence. */
  readonly title: string;
  readonly text: string;
  /** When it happened, on the campaign's clock. */
  readonly happenedAtMs: number;
  /** When it was published, on the server's clock. */
  readonly publishedAtMs: number;
  /** The mood of a post, as the classifier names it. */
  readonly emotion: string | undefined;
  /** The code of the party that a post is about. */
  readonly party: string | undefined;
  /** How sure a brief is, 0 to 1. */
  readonly confidence: number | undefined;
}

/** What a message of the feed says. */
export type FeedMessage =
  | { readonly kind: "item"; readonly item: FeedItem }
  /** The greeting of today's endpoint; `atMs` is the server's clock. */
  | { readonly kind: "connection"; readonly atMs: number }
  /** A heartbeat, an error text, or something of the future. */
  | { readonly kind: "other" };

const OTHER: FeedMessage = { kind: "other" };

/** Reads the data of one event. Never throws. */
export function parseFeedMessage(text: string): FeedMessage {
  const message = parseRecord(text);
  const seconds = message === undefined ? undefined : numberAt(message, "timestamp");
  if (message === undefined || seconds === undefined) return OTHER;
  const atMs = Math.round(seconds * 1000);
  if (message["type"] === "connection") return { kind: "connection", atMs };
  const data = asRecord(message["data"]);
  if (data === undefined) return OTHER;
  const item =
    message["type"] === "alert"
      ? readAlert(data, atMs)
      : message["type"] === "intelligence"
        ? readIntelligence(data, atMs)
        : undefined;
  return item === undefined ? OTHER : { kind: "item", item };
}

function readAlert(data: Json, publishedAtMs: number): FeedItem | undefined {
  const id = numberAt(data, "id");
  const priority = priorityOf(textAt(data, "severity")?.toLowerCase());
  if (id === undefined || priority === undefined) return undefined;
  return {
    ...blankItem,
    id: `alert:${id}`,
    kind: "alert",
    priority,
    ward: textAt(data, "ward") ?? "",
    text: textAt(data, "description") ?? "",
    happenedAtMs: timeAt(data, "created_at") ?? publishedAtMs,
    publishedAtMs,
  };
}

function readIntelligence(data: Json, publishedAtMs: number): FeedItem | undefined {
  const id = textAt(data, "id");
  const priority = priorityOf(textAt(data, "priority"));
  // What fills a round of the back end in which there is nothing new is no news.
  if (id === undefined || priority === undefined || data["source"] === "system") return undefined;
  return {
    id,
    kind: kinds[textAt(data, "source") ?? ""] ?? "report",
    priority,
    ward: textAt(data, "ward") ?? "",
    title: textAt(data, "title") ?? "",
    text: textAt(data, "content") ?? "",
    happenedAtMs: timeAt(data, "created_at") ?? publishedAtMs,
    publishedAtMs,
    emotion: textAt(data, "emotion"),
    party: textAt(data, "party"),
    confidence: numberAt(data, "confidence"),
  };
}

const blankItem = { title: "", emotion: undefined, party: undefined, confidence: undefined };

const kinds: Readonly<Record<string, ItemKind>> = {
  database: "report",
  posts: "post",
  cache: "brief",
};

function priorityOf(text: string | undefined): Priority | undefined {
  return text === "critical" || text === "high" || text === "medium" || text === "low"
    ? text
    : undefined;
}

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** The JSON object in a text; `undefined` for anything else, also for text that is no JSON. */
export function parseRecord(text: string): Json | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    // Some frames of the application are cut in the middle; they carry nothing that could be shown.
    return undefined;
  }
}

/** The value as an object, unless it is none. */
export function asRecord(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

/** The text under a name, unless it is none. */
export function textAt(record: Json, name: string): string | undefined {
  const value = record[name];
  return typeof value === "string" ? value : undefined;
}

/** The finite number under a name, unless it is none. */
export function numberAt(record: Json, name: string): number | undefined {
  const value = record[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A time without a zone is in UTC, as the back end's database has it. */
function timeAt(record: Json, name: string): number | undefined {
  const text = textAt(record, name) ?? "";
  const ms = Date.parse(/(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
