import type { IncomingMessage, ServerResponse } from "node:http";
import { type PythonValue, pythonJson } from "./python-json.js";

const securityHeaders = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "X-Response-Time": "1ms",
};

/** Sets what every response of the application carries: security headers and CORS. */
export function setCommonHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  corsOrigins: readonly string[],
): void {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  const origin = request.headers.origin;
  if (origin === undefined || !corsOrigins.includes(origin)) return;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Vary", "Origin");
}

/** Answers a preflight with the short allow list of the application. */
export function answerPreflight(response: ServerResponse): void {
  response.setHeader(
    "Access-Control-Allow-Headers",
    "Content-Type, Authorization, X-Requested-With",
  );
  response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS");
  response.writeHead(200).end();
}

/** Answers with JSON text. */
export function answerJson(response: ServerResponse, status: number, value: PythonValue): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(pythonJson(value));
}

/** Answers with a page of the web framework, as it does for statuses nobody handles. */
export function answerHtml(
  response: ServerResponse,
  status: number,
  title: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "Content-Type": "text/html; charset=utf-8", ...headers })
    .end(`<!doctype html>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n`);
}

/**
 * Answers with a scripted status. 503 is the switched-off service; any other one is what the front
 * proxy says while the application is away (defect D16).
 */
export function answerFailure(response: ServerResponse, status: number): void {
  if (status === 503) {
    answerJson(response, 503, { error: "Service disabled", status: "service_unavailable" });
  } else {
    response.writeHead(status, { "Content-Type": "text/plain" }).end("Error");
  }
}
