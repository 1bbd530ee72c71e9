// What is told of a request that the backend did not answer: enough to find the fault, and nothing that
// a reader wrote but the path.

import type { NodeRequest } from "../hub/index.js";

/** A request, or an upgrade, that the backend did not answer, or broke off. */
export class PassFailure extends Error {
  override readonly name = "PassFailure";
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Node's code, such as `ECONNREFUSED`. */
  readonly code: string;

  constructor({ method, path, code }: { method: string; path: string; code: string }) {
    super(`the backend did not answer ${method} ${path}: ${code}`);
    this.method = method;
    this.path = path;
    this.code = code;
  }
}

/**
 * Names what happened by its code. The error itself is not kept: one of a broken response carries the
 * bytes that could not be parsed, cookies among them.
 */
export function failureOf(request: NodeRequest, error: unknown): PassFailure {
  const [path = ""] = (request.url ?? "").split("?", 1);
  return new PassFailure({
    method: request.method ?? "",
    path: path.slice(0, 200),
    code: codeOf(error),
  });
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "unknown";
  return typeof error.code === "string" ? error.code : "unknown";
}
