// Renews the lease of the stream that is being watched, as a client does.

import { decodeCursor } from "throughline/core";
import { parseObject } from "./hello.js";
import { openLine } from "./line.js";
import { maskUrl } from "./mask.js";
import type { LeaseSeen } from "./observation.js";

/** As long as a client waits. */
const ANSWER_WITHIN_MS = 10_000;
const BODY_WITHIN_MS = 1000;

/** Most of an answer that is looked at: two cursors. */
const MOST_BYTES = 4096;

/** Where, and with what. */
export interface LeaseRequest {
  /** As the greeting has it. */
  readonly leaseUrl: string;
  /** The address of the stream's answer. */
  readonly streamUrl: URL;
  readonly cursor: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** Sends one renewal. */
export async function renewLease(request: LeaseRequest): Promise<LeaseSeen> {
  const { leaseUrl, streamUrl, cursor, credentials } = request;
  if (!URL.canParse(leaseUrl, streamUrl.href))
    return { kind: "other-origin", url: "(not an address)" };
  const url = new URL(leaseUrl, streamUrl);
  // Clients do not ask there: a cursor and cookies have no business at another origin.
  if (url.origin !== streamUrl.origin) return { kind: "other-origin", url: maskUrl(url) };
  const shown = maskUrl(url);
  const opened = await openLine(url);
  if (opened.kind === "unreachable") return { kind: "no-answer", url: shown };
  const { line } = opened;
  const reply = await line.request({
    method: "POST",
    url,
    headers: {
      ...credentials,
      "content-type": "text/plain",
      "content-length": String(Buffer.byteLength(cursor)),
    },
    body: cursor,
    withinMs: ANSWER_WITHIN_MS,
  });
  if (reply.kind !== "answer") {
    line.close();
    return { kind: "no-answer", url: shown };
  }
  const { answer } = reply;
  const body = await new Promise<string>((resolve) => {
    let text = "";
    const finish = () => {
      clearTimeout(late);
      resolve(text);
    };
    const late = setTimeout(finish, BODY_WITHIN_MS);
    answer.read({
      onBytes: (bytes) => {
        text += Buffer.from(bytes).toString("latin1");
        if (text.length > MOST_BYTES) finish();
      },
      onEnd: finish,
    });
  });
  line.close();
  const { head, sent } = parseObject(body) ?? {};
  const isSound = answer.status === 200 && isCursor(head) && isCursor(sent);
  return { kind: "answered", url: shown, status: answer.status, isSound };
}

function isCursor(value: unknown): boolean {
  return typeof value === "string" && decodeCursor(value) !== undefined;
}
