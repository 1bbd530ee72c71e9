// What servers answer in place of a proper stream, and what has to come of it: scenarios 9 to 12 and 31.

import { gzipSync } from "node:zlib";
import { type Answer, breaking, ending, status, stream } from "../client/scripted-server.js";
import type { SourceWish } from "./page.js";

/** A server that answers one request after the other, and what its reader makes of it. */
export interface AnswerCase {
  readonly name: string;
  /** When it is over, its last answer is given again and again. */
  readonly script: readonly Answer[];
  readonly wish?: Omit<SourceWish, "url">;
  readonly data?: readonly string[];
  /** The state and its reason in the end, as `"failed refused"`. Default: live. */
  readonly end?: string;
  /** How many requests it may take, at most. Default: one for each answer of the script. */
  readonly requests?: number;
  /** What the last request shows as `Last-Event-ID`. */
  readonly shown?: string;
  /** How long the second request comes after the first, at least. */
  readonly pauseMs?: number;
}

const refusedAtFirst: readonly AnswerCase[] = [
  ...[500, 502, 503, 504].map((code) => ({
    name: `${code} on the first connect is tried again`,
    script: [status(code), stream("data: a\n\n")],
    data: ["a"],
  })),
  ...[401, 403, 404, 405, 410].map((code) => ({
    name: `${code} on the first connect is final`,
    script: [status(code)],
    end: code === 401 ? "failed unauthorized" : "failed refused",
  })),
  {
    name: "a redirect to a login page that does not take GET is final on the first connect",
    script: [status(302, { location: "/login" })],
    end: "failed refused",
  },
  {
    name: "another content type with status 200 is final on the first connect",
    script: [status(200)],
    end: "failed not-a-stream",
  },
  {
    name: "204 on the first connect is final",
    script: [status(204)],
    end: "closed complete",
  },
  {
    name: "429 with Retry-After in seconds is obeyed",
    script: [status(429, { "retry-after": "1" }), stream("data: a\n\n")],
    data: ["a"],
    pauseMs: 990,
  },
  {
    name: "429 with Retry-After as a date is obeyed",
    script: [
      (response, request) => {
        const date = new Date(Date.now() + 2000).toUTCString();
        status(429, { "retry-after": date })(response, request);
      },
      stream("data: a\n\n"),
    ],
    data: ["a"],
    pauseMs: 900,
  },
];

const refusedLater: readonly AnswerCase[] = [
  ...[401, 403, 404].map((code) => ({
    name: `${code} on a reconnect is tried again`,
    script: [breaking("id: 1\ndata: a\n\n"), status(code), stream("data: b\n\n")],
    data: ["a", "b"],
    shown: "1",
  })),
  {
    name: "a burst of 503 on a reconnect is outlasted, and the reader resumes where it was",
    script: [
      breaking("id: 7\ndata: a\n\n"),
      status(503),
      status(503),
      status(503),
      stream("data: b\n\n"),
    ],
    data: ["a", "b"],
    shown: "7",
  },
  {
    name: "a redirect to a login page on a reconnect is tried again",
    script: [breaking("data: a\n\n"), status(302, { location: "/login" }), stream("data: b\n\n")],
    data: ["a", "b"],
  },
  {
    name: "refusals on reconnects end in a visible state",
    script: [breaking("data: a\n\n"), status(404)],
    wish: { options: { refusalLimit: 1 } },
    data: ["a"],
    end: "failed refused",
    requests: 3,
  },
  {
    name: "410 on a reconnect is final",
    script: [breaking("data: a\n\n"), status(410)],
    data: ["a"],
    end: "failed refused",
  },
  {
    name: "204 on a reconnect means that the stream is complete",
    script: [breaking("data: a\n\n"), status(204)],
    data: ["a"],
    end: "closed complete",
  },
];

const loops: readonly AnswerCase[] = [
  ...Object.entries({
    "opens and closes at once": "",
    "sets `retry: 0` and closes": "retry: 0\n\n",
    "says an error with status 200 and closes": 'event: error\ndata: {"type":"error"}\n\n',
    "says complete and closes": 'event: complete\ndata: {"type":"complete"}\n\n',
  }).map(([name, text]) => ({
    name: `a server that ${name} is asked slowly, and the state says why`,
    script: [ending(text)],
    end: "waiting short-lived",
    requests: 3,
  })),
  {
    name: "a listener that throws on one event does not keep the others from coming",
    script: [stream("id: 1\ndata: a\n\nid: 2\ndata: bad\n\nid: 3\ndata: c\n\n")],
    wish: { throwsOn: "bad" },
    data: ["a", "bad", "c"],
  },
];

const hostile: readonly AnswerCase[] = [
  {
    name: "an id with NUL is ignored",
    script: [breaking("id: 1\ndata: a\n\nid: x\0y\ndata: b\n\n"), stream("data: c\n\n")],
    data: ["a", "b", "c"],
    shown: "1",
  },
  {
    name: "an id outside of ASCII comes back as the bytes it was",
    script: [breaking("id: é→\ndata: a\n\n"), stream("data: b\n\n")],
    data: ["a", "b"],
    shown: Buffer.from("é→").toString("latin1"),
  },
  {
    name: "an id of 8 KB comes back",
    script: [breaking(`id: ${"i".repeat(8192)}\ndata: a\n\n`), stream("data: b\n\n")],
    data: ["a", "b"],
    shown: "i".repeat(8192),
  },
  {
    name: "an event of 10 MB comes whole",
    script: [stream(`data: ${"x".repeat(10_485_760)}\n\n`)],
    data: ["10485760 characters"],
  },
  {
    name: "a line that never ends is given up at the limit",
    script: [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const more = () => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
        };
        response.on("drain", more);
        more();
      },
    ],
    wish: { options: { maxEventLength: 1_048_576 } },
    end: "failed event-too-large",
  },
  {
    name: "binary garbage breaks nothing",
    script: [
      stream(
        Buffer.concat([
          Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 131) % 256)),
          Buffer.from("\n\ndata: a\n\n"),
        ]),
      ),
    ],
    data: ["a"],
  },
  {
    name: "a charset that is claimed changes nothing: the stream is UTF-8",
    script: [stream("data: ü\n\n", { "content-type": "text/event-stream; charset=windows-1252" })],
    data: ["ü"],
  },
  {
    name: "a compressed stream is read",
    script: [stream(gzipSync("data: a\n\ndata: b\n\n"), { "content-encoding": "gzip" })],
    data: ["a", "b"],
  },
];

const HELLO =
  'event: throughline.hello\ndata: {"protocol":1,"connection":"c","pulse":{"intervalMs":20000,"deadlineMs":30000},"head":"e.1","resume":"replay"}\n\n';

/** Gives an answer to who has the new token, and 401 to all others. */
function forNewToken(answer: Answer): Answer {
  return (response, request) => {
    const isNew = request.headers.authorization === "Bearer new";
    (isNew ? answer : status(401))(response, request);
  };
}

const tokens: readonly AnswerCase[] = [
  {
    name: "a token that has expired is renewed once, and the stream goes on",
    script: [
      breaking("id: 1\ndata: a\n\n"),
      forNewToken(stream("data: b\n\n")),
      forNewToken(stream("data: b\n\n")),
    ],
    wish: { hasToken: true },
    data: ["a", "b"],
    shown: "1",
  },
  {
    name: "a token that is of no use when it is new is not asked for in a loop",
    script: [status(401)],
    wish: { hasToken: true },
    end: "failed unauthorized",
    requests: 2,
  },
  {
    name: "a token that is about to expire is renewed beside the stream, and nothing is seen of it",
    script: [
      stream(
        `${HELLO}id: e.1\ndata: a\n\nevent: throughline.renew\ndata: {"expiresInMs":1000}\n\n`,
      ),
      forNewToken(stream(`${HELLO}id: e.2\ndata: b\n\n`)),
    ],
    wish: { hasToken: true },
    data: ["a", "b"],
    shown: "e.1",
  },
];

export const answerCases: readonly AnswerCase[] = [
  ...refusedAtFirst,
  ...refusedLater,
  ...loops,
  ...hostile,
  ...tokens,
];
