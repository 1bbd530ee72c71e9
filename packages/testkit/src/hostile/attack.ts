// What a hostile client sends: requests that are wrong on purpose, made from a seed.

import type { Choices } from "./random.js";

/** Something to be sent on a connection of its own. Texts are latin-1: one character is one byte. */
export interface Attack {
  readonly name: string;
  /** Sent one after the other, with `pauseMs` in between. */
  readonly pieces: readonly string[];
  readonly pauseMs: number;
  /**
   * `refusal`: there is no way to read it as something that may be served. `anything`: chance may have
   * made something right of it.
   */
  readonly expects: "refusal" | "anything";
  /** More answers than this mean that a request was smuggled in. */
  readonly mostAnswers: number;
}

/** The kinds of attacks, by name. */
export const ATTACKS: Readonly<Record<string, (choices: Choices) => Omit<Attack, "name">>> = {
  "bytes that are no request": (choices) =>
    refused([`\0${choices.bytes(choices.whole(1, 2000))}\r\n\r\n`]),

  "a method that is none": (choices) =>
    refused([request(`${choices.text(choices.whole(1, 20), UPPER)}X /streams/news`)]),

  "a target that leads nowhere": (choices) =>
    refused([request(`GET ${nowhere(choices)}${choices.text(choices.whole(0, 500), VISIBLE)}`)]),

  "a target of any bytes": (choices) =>
    mixed([
      request(`HEAD /streams/${choices.bytes(choices.whole(1, 100)).replace(/[\r\n]/g, "")}`),
    ]),

  "a query too long": (choices) =>
    refused([
      request(`GET /streams/news?topics=${choices.text(choices.whole(8200, 15_000), LOWER)}`),
    ]),

  "a query of anything": (choices) =>
    mixed([
      request(
        `HEAD /streams/news?${choices.pick(["cursor", "topics", "topics=a&topics", ""])}=` +
          choices.text(choices.whole(0, 2000), VISIBLE),
      ),
    ]),

  "a cursor of anything": (choices) =>
    mixed([request(GOOD, `Last-Event-ID: ${choices.text(choices.whole(0, 8000), VISIBLE)}`)]),

  "a request with wrong characters": (choices) => mixed([choices.mutate(request(GOOD))]),

  "too many headers": (choices) =>
    refused([request(GOOD, ...repeat(choices.whole(120, 900), (index) => `x-${index}: ${index}`))]),

  "a header too long": (choices) =>
    refused([request(GOOD, `x-bomb: ${"b".repeat(choices.whole(17_000, 300_000))}`)]),

  "a header that never ends": (choices) =>
    refused(
      repeat(choices.whole(5, 40), () => `x-${choices.text(5, LOWER)}: `.padEnd(900, "x")),
      1,
    ),

  "a head that never comes": (choices) =>
    refused([...request(GOOD).slice(0, choices.whole(1, 30))], 20),

  "a body that is no event": (choices) =>
    refused([publish(choices.pick(["[", "{}", "7", "[]", "null", '{"data":1,"x":2}', "\xff"]))]),

  "a body with wrong characters": (choices) =>
    mixed([publish(choices.mutate('[{"data":"x","type":"t","topic":"a/b"},{"data":{"a":[1]}}]'))]),

  "a body of deep nesting": (choices) => {
    const depth = choices.whole(1000, 20_000);
    // Half of them are JSON, which gets further than what is none.
    const closed = choices.pick([depth, choices.whole(0, depth)]);
    return refused([publish(`{"data":${"[".repeat(depth)}${"]".repeat(closed)}}`)]);
  },

  "a body shorter than it says": (choices) =>
    refused([request(POST, JSON_TYPE, `Content-Length: ${choices.whole(100, 9_000_000)}`), "[{"]),

  "a body in broken chunks": (choices) =>
    refused([
      request(POST, JSON_TYPE, "Transfer-Encoding: chunked"),
      choices.pick([
        "zz\r\n",
        "-1\r\nx\r\n",
        "fffffffffffffffff\r\n",
        "5\r\nabc\r\n0\r\n\r\n",
        "\0",
      ]),
      choices.bytes(choices.whole(10, 500)),
    ]),

  "two lengths for one body": (choices) =>
    refused(smuggle("Content-Length: 6", `Content-Length: ${choices.whole(7, 90)}`)),

  "a length and chunks": (choices) =>
    refused(
      choices.pick([
        smuggle("Content-Length: 6", "Transfer-Encoding: chunked"),
        smuggle("Transfer-Encoding: chunked", "Content-Length: 6"),
      ]),
    ),

  "an encoding that hides": (choices) =>
    refused(
      smuggle(
        choices.pick([
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding: chunked, identity",
          "Transfer-Encoding : chunked",
          "Transfer-Encoding:\x0bchunked",
          "Transfer-Encoding: identity, chunked, x",
          " Transfer-Encoding: chunked",
          "X: y\nTransfer-Encoding: chunked",
        ]),
        "Content-Length: 5",
      ),
    ),

  "a length that is no number": (choices) =>
    refused(
      smuggle(`Content-Length: ${choices.pick(["-1", "+5", "0x5", "5,5", "5 5", "1e1", "9e99"])}`),
    ),

  "a lease of nobody": (choices) => {
    const body = choices.bytes(choices.whole(0, 300));
    const line = `POST /leases/${choices.text(choices.whole(1, 9), LOWER)}/${choices.text(choices.whole(1, 60), LOWER)}`;
    return refused([request(line, `Content-Length: ${body.length}`) + body]);
  },

  "many at once": (choices) => ({
    ...refused([request(`GET ${nowhere(choices)}`).repeat(choices.whole(2, 60))]),
    mostAnswers: 60,
  }),

  "an upgrade": (choices) =>
    mixed([
      request(
        choices.pick([GOOD, "CONNECT hub:80", "OPTIONS *", "TRACE /streams/news"]),
        "Connection: Upgrade",
        `Upgrade: ${choices.pick(["websocket", "h2c", "TLS/1.0"])}`,
        "Expect: 100-continue",
      ),
    ]),

  "a reader that leaves at once": (choices) =>
    mixed([`${request(GOOD.replace("HEAD", "GET"), "X: y".padEnd(choices.whole(4, 900), "z"))}`]),
};

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const VISIBLE = `${LOWER}${UPPER}0123456789%./*,;:=&?~!$'()+@[]{}|\\^\`"<>_-`;
const GOOD = "HEAD /streams/news";
const POST = "POST /streams/news";
const JSON_TYPE = "Content-Type: application/json";

/** What would be answered as a request of its own by a server that is taken in. */
const SMUGGLED = "GET /streams/smuggled HTTP/1.1\r\nHost: hub\r\n\r\n";

function request(line: string, ...headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, "Host: hub", ...headers, "", ""].join("\r\n");
}

function publish(body: string): string {
  return request(POST, JSON_TYPE, `Content-Length: ${body.length}`) + body;
}

/** A body whose end depends on which of the headers one believes. */
function smuggle(...headers: readonly string[]): string[] {
  return [`${request(POST, JSON_TYPE, ...headers)}0\r\n\r\n${SMUGGLED}`];
}

function nowhere(choices: Choices): string {
  return choices.pick(["/", "/streamz", "/x/", "//", "/leases", "/streams/../", "/streams/a//"]);
}

function repeat(count: number, make: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function refused(pieces: readonly string[], pauseMs = 0): Omit<Attack, "name"> {
  return { pieces, pauseMs, expects: "refusal", mostAnswers: 1 };
}

function mixed(pieces: readonly string[]): Omit<Attack, "name"> {
  return { pieces, pauseMs: 0, expects: "anything", mostAnswers: 2 };
}
