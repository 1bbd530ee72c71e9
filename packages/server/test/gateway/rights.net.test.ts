// The question of rights, asked of a real backend.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createNetServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_ANSWER_BYTES } from "../../src/gateway/ask-backend.js";
import type { HeaderReader } from "../../src/gateway/identity.js";
import { createRights, type Rights } from "../../src/gateway/rights.js";
import { nodeEnvironment } from "../../src/hub/environment.js";
import { listen } from "./pass-stage.js";

let backend: Server;
let answer: RequestListener;
let rights: Rights;
let seen: IncomingMessage[];
/** By how much the clock has been set forward. */
let skewMs: number;

beforeEach(async () => {
  seen = [];
  skewMs = 0;
  backend = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  rights = open(await listen(backend));
});

afterEach(() => {
  rights.close();
  backend.close();
  backend.closeAllConnections();
});

function open(port: number, withinMs = 10_000): Rights {
  return createRights({
    upstream: new URL(`http://127.0.0.1:${port}`),
    rules: {
      path: "/api/v1/status",
      expect: { authenticated: true },
      withinMs,
      everyMs: 0,
      graceMs: 60_000,
    },
    identity: { cookies: ["session"], headers: [] },
    environment: { ...nodeEnvironment, nowMs: () => nodeEnvironment.nowMs() + skewMs },
  });
}

function reader(session: string): HeaderReader {
  return { header: (name) => (name === "cookie" ? `theme=dark; session=${session}` : undefined) };
}

const status: RequestListener = (request, response) => {
  const authenticated = request.headers.cookie === "session=good";
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ ok: true, authenticated, user: null }));
};

describe("a backend", () => {
  it("is asked with GET, over a connection of its own, and shown the identity alone", async () => {
    answer = status;
    expect(await rights.check(reader("good"))).toEqual({ kind: "allowed", byGrace: false });
    const [request] = seen;
    expect([request?.method, request?.url]).toEqual(["GET", "/api/v1/status"]);
    expect(request?.headers).toEqual({
      accept: "application/json",
      connection: "close",
      cookie: "session=good",
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  it("that knows no such session says no", async () => {
    answer = status;
    expect(await rights.check(reader("bad"))).toEqual({ kind: "denied", status: 401 });
  });

  it("that sends to its login says no, and is not followed", async () => {
    answer = (_request, response) => {
      response.writeHead(302, { location: "/api/v1/login?next=%2F" }).end("<html>");
    };
    expect(await rights.check(reader("bad"))).toEqual({ kind: "denied", status: 401 });
    expect(seen).toHaveLength(1);
  });

  it.each([401, 403] as const)("that says %i is taken at its word", async (code) => {
    answer = (_request, response) => {
      response.writeHead(code).end();
    };
    expect(await rights.check(reader("bad"))).toEqual({ kind: "denied", status: code });
  });

  it.each<[string, RequestListener]>([
    ["500", (_request, response) => response.writeHead(500).end("Traceback")],
    ["a cut answer", (_request, response) => response.write('{"auth', () => response.destroy())],
    ["no answer", (request) => request.socket.destroy()],
    ["a page", (_request, response) => response.end("<html>")],
    [
      "more than anybody reads",
      (_request, response) => {
        response.end(JSON.stringify({ authenticated: true, pad: "x".repeat(MAX_ANSWER_BYTES) }));
      },
    ],
  ])("that does not say anything is unavailable: %s", async (_name, listener) => {
    answer = listener;
    expect(await rights.check(reader("good"))).toEqual({ kind: "unavailable" });
  });

  it("that never stops talking is left after what is read", async () => {
    let closed = Promise.resolve();
    answer = (_request, response) => {
      closed = once(response, "close").then(() => {});
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
        response.once("drain", more);
      };
      more();
    };
    expect(await rights.check(reader("good"))).toEqual({ kind: "unavailable" });
    await closed;
  });

  it("that hangs is left when its time is up", async () => {
    answer = () => {};
    const arrived = once(backend, "request");
    rights = open((backend.address() as { port: number }).port, 200);
    const verdict = rights.check(reader("good"));
    const [request] = (await arrived) as [IncomingMessage];
    const left = once(request.socket, "close");
    expect(await verdict).toEqual({ kind: "unavailable" });
    await left;
  });

  it("that speaks no HTTP is unavailable", async () => {
    const other = createNetServer((socket) => {
      socket.on("error", () => {});
      socket.end("SSH-2.0-OpenSSH_9.2\r\n");
    });
    rights = open(await listen(other));
    expect(await rights.check(reader("good"))).toEqual({ kind: "unavailable" });
    other.close();
  });

  it("that is away is unavailable, except to whom it allowed before", async () => {
    answer = status;
    expect(await rights.check(reader("good"))).toMatchObject({ kind: "allowed" });
    backend.close();
    await once(backend, "close");
    skewMs = 30_000;
    expect(await rights.check(reader("good"))).toEqual({ kind: "allowed", byGrace: true });
    expect(await rights.check(reader("other"))).toEqual({ kind: "unavailable" });
  });
});
