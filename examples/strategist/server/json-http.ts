// JSON over HTTP, as far as the demonstration's own endpoints need it.

import type { IncomingMessage, ServerResponse } from "node:http";

/** Bodies are a name or two; anything larger is not meant for us. */
const LARGEST_BODY_BYTES = 4096;

/** A request that cannot be served as it is; its message goes to the caller. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}

/** Sends `body` as JSON, never cached. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(JSON.stringify(body));
}

/**
 * Reads a JSON object of at most 4 KB.
 *
 * Insisting on the media type keeps pages of other origins out: they cannot send it without asking.
 *
 * @throws RequestError 415, 413 or 400
 */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim();
  if (mediaType !== "application/json") {
    throw new RequestError(415, "Send a JSON object as application/json.");
  }
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) {
      throw new RequestError(413, `The body may have ${LARGEST_BODY_BYTES} bytes at most.`);
    }
  }
  const value = parseOrUndefined(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RequestError(400, "The body must be a JSON object.");
  }
  return value as Record<string, unknown>;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told to the caller as what it is: not a JSON object.
    return undefined;
  }
}
