// What a hub is asked: requests to publish and to subscribe, in one process and without sockets. Those with
// sockets, and with what is no HTTP, are in ../hostile.

import { createHub, createMemoryLog } from "@throughline/server";
import { createParser } from "throughline/core";
import type { Choices } from "../hostile/random.js";
import { bytesOf, type FuzzTarget, parseJson } from "./target.js";

const TYPES = ["application/json", "text/plain", "application/cloudevents+json", "x", ""] as const;
const BODIES = [
  '{"data":"a"}',
  '[{"data":1},{"data":null}]',
  "[]",
  "{",
  '{"data":"',
  "\xff",
] as const;
const VALUES = ["1", "-1", "", "a", "p;q", "9".repeat(30), "é", "a".repeat(300)] as const;
const HEADERS = [
  "idempotency-key",
  "throughline-producer-id",
  "throughline-producer-epoch",
  "throughline-producer-sequence",
  "ce-id",
  "ce-type",
  "traceparent",
  "last-event-id",
] as const;
const QUERIES = ["topics", "cursor", "throughline-wait", "topics=a&topics", ""] as const;
const WORTHS = ["a/*", "**", ",", "earliest", "latest", "e.1", "0", "3001", "%00", "%zz"] as const;

/** A request as the input has it, as JSON. */
interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const publishTarget: FuzzTarget = {
  name: "publish",
  generate: (choices) =>
    JSON.stringify({
      path: "news",
      headers: { "content-type": choices.pick(TYPES), ...headers(choices) },
      body: choices.whole(0, 1) === 0 ? choices.pick(BODIES) : choices.mutate(choices.pick(BODIES)),
    } satisfies Asked),
  judge: (input) => ask("POST", input, [200, 201, 400, 404, 409, 413, 415, 422]),
};

export const subscribeTarget: FuzzTarget = {
  name: "subscribe",
  generate: (choices) => {
    const query = `${choices.pick(QUERIES)}=${choices.pick(WORTHS)}`;
    const path = `${choices.pick(["news", "a/b", "%2e", "", "x".repeat(300)])}?throughline-wait=0&${query}`;
    return JSON.stringify({ path, headers: headers(choices) } satisfies Asked);
  },
  judge: (input) => ask("GET", input, [200, 204, 400, 404]),
};

function headers(choices: Choices): Record<string, string> {
  const count = choices.whole(0, 3);
  return Object.fromEntries(
    Array.from({ length: count }, () => [choices.pick(HEADERS), choices.pick(VALUES)]),
  );
}

/** Asks a hub of its own; complains of an answer that is not documented, and of an error that is reported. */
async function ask(
  method: "GET" | "POST",
  input: string,
  documented: readonly number[],
): Promise<string | undefined> {
  const request = toRequest(method, input);
  if (request === undefined) return undefined;
  const errors: unknown[] = [];
  const hub = createHub({ log: createMemoryLog(), onError: (error) => errors.push(error) });
  try {
    await hub.publish("news", { data: "first" });
    const response = await hub.fetch(request);
    const text = await firstWords(response);
    if (errors.length > 0) return `an error was reported: ${String(errors[0])}`;
    if (!documented.includes(response.status)) return `answered ${response.status}: ${text}`;
    return response.status === 200 && method === "GET" ? judgeStream(text) : undefined;
  } finally {
    await hub.close({ withinMs: 0 });
  }
}

/** What a response begins with. A stream would go on for ever; its greeting comes in one piece. */
async function firstWords(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const chunk = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(chunk?.value);
}

/** Every stream begins with a greeting, short ones as well. */
function judgeStream(text: string): string | undefined {
  const types: string[] = [];
  createParser({ onEvent: ({ type }) => types.push(type) }).push(text);
  return types[0] === "throughline.hello" ? undefined : `the response does not greet: ${text}`;
}

/** The request; `undefined` where the input describes none that a client could send. */
function toRequest(method: "GET" | "POST", input: string): Request | undefined {
  const { path = "", headers, body } = (parseJson(input) ?? {}) as Partial<Asked>;
  try {
    const url = `http://hub.test/streams/${path}`;
    const bytes = method === "POST" ? { body: bytesOf(String(body)) } : {};
    return new Request(url, { method, headers: headers ?? {}, ...bytes } as RequestInit);
  } catch {
    // Not a header or an address at all: it never leaves the client.
    return undefined;
  }
}
