// A hub behind middleware that has parsed the body already, as `express.json()` does.

import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listen, stopServer } from "./running-hub.js";

const errors: unknown[] = [];
const hub = createHub({ log: createMemoryLog(), onError: (error) => errors.push(error) });
const server = createServer(async (request: IncomingMessage & { body?: unknown }, response) => {
  const body = await json(request);
  if (request.headers["x-keeps"] === undefined) request.body = body;
  await hub.handleNode(request, response);
});
let url = "";

beforeAll(async () => {
  url = `http://127.0.0.1:${await listen(server)}/streams/news`;
});
afterAll(async () => {
  await stopServer(server);
  await hub.close({ withinMs: 0 });
  expect(errors).toEqual([]);
});

const post = async (body: string, more: Record<string, string> = {}) => {
  const headers = { "content-type": "application/json", ...more };
  const response = await fetch(url, { method: "POST", headers, body });
  return [response.status, await response.json()];
};

it("takes what middleware has made of a body, and refuses what no stack is deep enough for", async () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  expect(await post(`[{"data":"1"},{"data":${nested(500)}}]`)).toMatchObject([
    201,
    { cursors: { length: 2 } },
  ]);
  const refused = [400, { code: "invalid-event", detail: expect.stringMatching(/too deeply/) }];
  expect(await post(`{"data":${nested(501)}}`)).toMatchObject(refused);
  expect(await post(`{"data":${nested(100_000)}}`)).toMatchObject(refused);
});

it("does not wait for a body that somebody has read and kept", async () => {
  const refused = [400, { code: expect.stringMatching(/./) }];
  expect(await post('{"data":"1"}', { "x-keeps": "it" })).toMatchObject(refused);
});
