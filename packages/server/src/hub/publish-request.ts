// POST /streams/<name>: publishing over HTTP. PROTOCOL.md §8.

import type { StreamName } from "../log/stream-name.js";
import { validateEvents } from "../log/validate-arguments.js";
import { append } from "./append.js";
import { readBinaryCloudEvent, readCloudEvent } from "./cloud-event.js";
import type { HubCore } from "./core.js";
import { type HubAnswer, type HubRequest, jsonAnswer, visitorOf } from "./exchange.js";
import { MOST_LEVELS } from "./json-text.js";
import { type Problem, problemAnswer } from "./problem.js";
import { type PublishBody, parseJsonBody, parseNdjsonBody } from "./publish-body.js";
import { formatOf, type PublishFormat } from "./publish-format.js";
import { applyHeaders, readPublishHeaders } from "./publish-headers.js";
import { checkBatch, publishedOf } from "./publishing.js";
import type { Session } from "./session.js";

/**
 * Answers a publishing request; `undefined` where nobody is there any more to be answered.
 *
 * @param session by what right it publishes, where the hub asks for one
 */
export async function publishRequest(
  core: HubCore,
  request: HubRequest,
  stream: StreamName,
  session: Session | undefined,
): Promise<HubAnswer | undefined> {
  const { maxBodyBytes } = core.settings;
  const known = formatOf(request);
  if ("problem" in known) return problemAnswer(known.problem);
  const headers = readPublishHeaders(request);
  if (headers.kind === "invalid") return problemAnswer(headers.problem);
  const body = await core.bodies.read(request, maxBodyBytes);
  if (body.kind === "refused") return body.answer;
  if (body.kind === "aborted") return undefined;
  if (body.kind === "too-large") return problemAnswer(bodyTooLarge(maxBodyBytes));
  if (body.kind === "not-utf8") return problemAnswer(NOT_UTF8);
  if (body.kind === "too-deep") return problemAnswer(TOO_DEEP);
  const parsed = parseBody(known.format, body.text, request);
  if (parsed.kind === "invalid") return problemAnswer(parsed.problem);
  const events = applyHeaders(parsed.events, headers);
  if ("code" in events) return problemAnswer(events);
  const problem = session?.refusalOf(events) ?? checkBatch(events, core.settings, parsed.nameOf);
  if (problem !== undefined) return problemAnswer(problem);
  // The log checks as well, and does not know what this publisher calls its events.
  validateEvents(events, parsed.nameOf);
  core.throttle.published(visitorOf(request, session?.identity), events.length);
  const published = publishedOf(await append(core, stream, events, { producer: headers.producer }));
  const isNews = published.duplicates.length < published.cursors.length;
  return jsonAnswer(isNews ? 201 : 200, published);
}

function parseBody(format: PublishFormat, text: string, request: HubRequest): PublishBody {
  switch (format) {
    case "json":
      return parseJsonBody(text);
    case "ndjson":
      return parseNdjsonBody(text);
    case "cloudevent":
    case "cloudevents-batch":
      return parseJsonBody(text, readCloudEvent);
    case "cloudevent-binary":
      return readBinaryCloudEvent((name) => request.header(name), text);
  }
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
  expected: "text in UTF-8",
  got: "other bytes",
};

const TOO_DEEP: Problem = {
  status: 400,
  code: "invalid-event",
  detail: "The body is nested too deeply.",
  expected: `data with at most ${MOST_LEVELS} arrays and objects within one another`,
  got: "more",
};
