// What the body of a publishing request is written in, told from its head.

import type { HubRequest } from "./exchange.js";
import type { Problem } from "./problem.js";

/** The ways to write events that the hub reads. */
export type PublishFormat =
  | "json"
  | "ndjson"
  | "cloudevent"
  | "cloudevents-batch"
  /** CloudEvents in binary mode: the attributes are headers, the body is the data. */
  | "cloudevent-binary";

const FORMATS: ReadonlyMap<string, PublishFormat> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "ndjson"],
  ["application/cloudevents+json", "cloudevent"],
  ["application/cloudevents-batch+json", "cloudevents-batch"],
]);

/** The format of a request, or why there is none. */
export function formatOf(
  request: HubRequest,
): { readonly format: PublishFormat } | { readonly problem: Problem } {
  const encoding = request.header("content-encoding");
  if (encoding !== undefined && encoding !== "identity") return unsupported("a Content-Encoding");
  const contentType = request.header("content-type");
  const { format, isUtf8 } = typeOf(contentType ?? "");
  // In binary mode the type is that of the data. Whoever may send such a header across origins has
  // passed a preflight, as with the types above; a plain form cannot publish.
  const isBinary = request.header("ce-specversion") !== undefined;
  if (isBinary && (format === undefined || format === "json" || format === "ndjson")) {
    return { format: "cloudevent-binary" };
  }
  if (format !== undefined && isUtf8) return { format };
  return unsupported(contentType === undefined ? "no Content-Type" : "another type");
}

interface BodyType {
  readonly format: PublishFormat | undefined;
  readonly isUtf8: boolean;
}

function typeOf(contentType: string): BodyType {
  // As nearly everybody writes it.
  const plain = FORMATS.get(contentType);
  if (plain !== undefined) return { format: plain, isUtf8: true };
  const [, type = "", parameters = ""] = /^([^;]*?)\s*(;.*)?$/.exec(contentType) ?? [];
  const isUtf8 = /^(?:;\s*charset="?utf-8"?\s*)?$/i.test(parameters);
  return { format: FORMATS.get(type.toLowerCase()), isUtf8 };
}

function unsupported(got: string): { readonly problem: Problem } {
  const types = [...FORMATS.keys()].join(", ");
  return {
    problem: {
      status: 415,
      code: "unsupported-media-type",
      detail: "Events are published as JSON or CloudEvents, in UTF-8, not compressed.",
      expected: `a Content-Type of ${types}`,
      got,
      headers: { accept: types },
    },
  };
}
