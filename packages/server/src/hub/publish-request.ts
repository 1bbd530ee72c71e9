// POST /streams/<name>: publishing over HTTP. PROTOCOL.md §8.

import { type Cursor, encodeCursor } from "throughline/core";
import type { AppendResult } from "../log/event-log.js";
import type { StreamName } from "../log/stream-name.js";
import { append } from "./append.js";
import type { HubCore } from "./core.js";
import { type HubAnswer, type HubRequest, jsonAnswer } from "./exchange.js";
import { type Problem, problemAnswer } from "./problem.js";
import { parsePublishBody } from "./publish-body.js";
import { checkBatch } from "./publishing.js";

/** Answers a publishing request; `undefined` where nobody is there any more to be answered. */
export async function publishRequest(
  core: HubCore,
  request: HubRequest,
  stream: StreamName,
): Promise<HubAnswer | undefined> {
  const { maxBodyBytes } = core.settings;
  const mismatch = checkMediaType(request);
  if (mismatch !== undefined) return problemAnswer(mismatch);
  const body = await request.readBody(maxBodyBytes);
  if (body.kind === "aborted") return undefined;
  if (body.kind === "too-large") return problemAnswer(bodyTooLarge(maxBodyBytes));
  if (body.kind === "not-utf8") return problemAnswer(NOT_UTF8);
  const parsed = parsePublishBody(body.text);
  if (parsed.kind === "invalid") return problemAnswer(parsed.problem);
  const problem = checkBatch(parsed.events, core.settings);
  if (problem !== undefined) return problemAnswer(problem);
  return jsonAnswer(201, { cursors: cursorsOf(await append(core, stream, parsed.events)) });
}

/** The cursor of each event of a batch, in order. */
export function cursorsOf({ first, last }: AppendResult): readonly Cursor[] {
  const cursors: Cursor[] = [];
  for (let offset = first.offset; offset <= last.offset; offset += 1) {
    cursors.push(encodeCursor({ epoch: first.epoch, offset }));
  }
  return cursors;
}

function checkMediaType(request: HubRequest): Problem | undefined {
  const type = request.header("content-type");
  const encoding = request.header("content-encoding");
  const isJson = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type ?? "");
  if (isJson && (encoding === undefined || encoding === "identity")) return undefined;
  return {
    status: 415,
    code: "unsupported-media-type",
    detail: "Events are published as JSON, in UTF-8, not compressed.",
    expected: "Content-Type: application/json",
    got: isJson ? "a Content-Encoding" : type === undefined ? "no Content-Type" : "another type",
    headers: { accept: "application/json" },
  };
}

function bodyTooLarge(maxBodyBytes: number): Problem {
  return {
    status: 413,
    code: "body-too-large",
    detail: "The body is too large. Publish it in parts.",
    expected: `at most ${maxBodyBytes} bytes`,
    got: "more",
    // What is left of the body is not read, so that the connection cannot be used again.
    headers: { connection: "close" },
  };
}

const NOT_UTF8: Problem = {
  status: 400,
  code: "invalid-body",
  detail: "The body is not UTF-8.",
  expected: "JSON in UTF-8",
  got: "other bytes",
};
