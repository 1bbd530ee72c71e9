import { answer, cookie, type Endpoint, type Exchange, headerText, setCookie } from "./exchange.js";
import { implementations } from "./implementations.js";

/**
 * The endpoints that the cases open, by path. Each is the counterpart of one resource of the
 * suite; all that is variable about it comes in the query. Made per server, because some count.
 */
export function createEndpoints(): ReadonlyMap<string, Endpoint> {
  const connections = createConnectionCounter();
  const endpoints = new Map<string, Endpoint>([
    ["/message", message],
    // Once more in the folder of the frames, where only they can name it by a relative URL.
    ...implementations.map((name): [string, Endpoint] => [`/${name}/page/inner/message`, message]),
    ["/pieces", pieces],
    ["/last-event-id", lastEventId],
    ["/request-header", requestHeader],
    ["/redirect", redirect],
    ["/status-error", statusError],
    ["/status-reconnect", statusReconnect],
    ["/reconnect-fail", reconnectFail],
    ["/cookie-twice", createCookieTwice()],
    ["/resume-across-origins", createResumeAcrossOrigins()],
    ["/connections", connections.stream],
    ["/connections/history", connections.history],
  ]);
  for (const path of [...endpoints.keys()]) {
    const endpoint = endpoints.get(path);
    if (endpoint !== undefined) {
      endpoints.set(`/cors${path}`, (exchange) => {
        allowOrigin(exchange);
        endpoint(exchange);
      });
    }
  }
  return endpoints;
}

/** `origin` and `credentials` in the query say what is allowed; default: whoever asks, with cookies. */
function allowOrigin({ request, response, query }: Exchange): void {
  const origin = query.get("origin") ?? request.headers.origin ?? "*";
  response.setHeader("Access-Control-Allow-Origin", origin);
  const credentials = query.get("credentials") ?? "true";
  if (credentials !== "none") {
    response.setHeader("Access-Control-Allow-Credentials", credentials);
  }
}

/** Any stream: its whole text, its media type, and how long the server thinks, are in the query. */
function message(exchange: Exchange): void {
  const { query } = exchange;
  const body = query.get("body") ?? "data: data\n\n";
  setTimeout(
    () => answer(exchange, { mime: query.get("mime") ?? undefined, body }),
    Number(query.get("sleepMs") ?? 0),
  );
}

/** A stream that comes in many small writes, and goes on. */
function pieces({ response }: Exchange): void {
  const lines = ["data:msg", "\n", "data: msg", "\n\n", ":", "\n", "falsefield:msg", "\n\n"];
  lines.push("falsefield:msg", "\n", "Data:data", "\n\n", "data", "\n\n", "data:end", "\n\n");
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  let next = 0;
  const timer = setInterval(() => {
    const piece = lines[next];
    if (piece !== undefined) {
      response.write(piece);
    }
    next += 1;
  }, 5);
  response.once("close", () => clearInterval(timer));
}

/** Sends an id first, and to a reader that comes back with one that id as data. */
function lastEventId(exchange: Exchange): void {
  const received = headerText(exchange, "last-event-id");
  const id = exchange.query.get("id") ?? "…";
  const first = `id: ${id}\nretry: 200\ndata: hello\n\n`;
  answer(exchange, { body: received === "" ? first : `data: ${received}\n\n` });
}

/** The value of the request header that the query names. */
function requestHeader(exchange: Exchange): void {
  const value = headerText(exchange, exchange.query.get("name") ?? "accept");
  answer(exchange, { body: `data: ${value}\n\n` });
}

function redirect(exchange: Exchange): void {
  const { query } = exchange;
  const status = Number(query.get("status") ?? 302);
  answer(exchange, {
    status,
    headers: { Location: query.get("location") ?? "/message" },
    body: "",
  });
}

function statusError(exchange: Exchange): void {
  answer(exchange, { status: Number(exchange.query.get("status")), body: "data: data\n\n" });
}

/** The first request, known by its missing cookie, ends before any event; the second one has one. */
function statusReconnect(exchange: Exchange): void {
  const name = `reconnect_${exchange.query.get("id") ?? ""}`;
  if (cookie(exchange, name) !== undefined) {
    const headers = { "Set-Cookie": setCookie(name) };
    answer(exchange, { headers, body: "data: data\n\n" });
    return;
  }
  const first = exchange.query.has("okFirst") ? "data: ok\n\n" : "";
  const headers = { "Set-Cookie": setCookie(name, "seen") };
  answer(exchange, { headers, body: `retry: 2\n${first}` });
}

/** Two streams that end, then the status of the query; by default 204, which means "enough". */
function reconnectFail(exchange: Exchange): void {
  const name = `fail_${exchange.query.get("id") ?? ""}`;
  const state = cookie(exchange, name);
  if (state === undefined) {
    const headers = { "Set-Cookie": setCookie(name, "opened") };
    answer(exchange, { headers, body: "retry: 2\ndata: opened\n\n" });
  } else if (state === "opened") {
    const headers = { "Set-Cookie": setCookie(name, "reconnected") };
    answer(exchange, { headers, body: "data: reconnected\n\n" });
  } else {
    const status = Number(exchange.query.get("status") ?? 204);
    answer(exchange, { status, headers: { "Set-Cookie": setCookie(name) }, body: "" });
  }
}

/** Sets a cookie with its first stream, and says with its second one whether it came back. */
function createCookieTwice(): Endpoint {
  const seen = new Set<string>();
  return (exchange) => {
    const name = `credentials_${exchange.query.get("id") ?? ""}`;
    const has = cookie(exchange, name) === undefined ? "without cookie" : "with cookie";
    const isFirst = !seen.has(name);
    seen.add(name);
    answer(exchange, {
      headers: { "Set-Cookie": setCookie(name, isFirst ? "set" : undefined) },
      body: `retry: 200\ndata: ${isFirst ? "first" : "second"} ${has}\n\n`,
    });
  };
}

/**
 * A stream on another origin that sends the `id` of the query and ends. The next request is told what
 * came with it: the `Last-Event-ID` header, and the header names that a preflight asked for.
 * With `preflight=refused` in the query no preflight succeeds.
 */
function createResumeAcrossOrigins(): Endpoint {
  const preflights = new Map<string, string>();
  const seen = new Set<string>();
  return (exchange) => {
    const { request, response, query } = exchange;
    const token = query.get("token") ?? "";
    if (request.method === "OPTIONS") {
      const asked = headerText(exchange, "access-control-request-headers");
      preflights.set(token, asked);
      if (query.get("preflight") === "refused") {
        answer(exchange, { status: 403, mime: "text/plain", body: "no preflights here" });
        return;
      }
      response.setHeader("Access-Control-Allow-Headers", asked);
      answer(exchange, { status: 204, body: "" });
      return;
    }
    const headers = { "Cache-Control": "no-store" };
    if (!seen.has(token)) {
      seen.add(token);
      const asked = preflights.get(token);
      const data = asked === undefined ? "first" : `first, after a preflight for ${asked}`;
      const id = query.get("id") ?? "";
      answer(exchange, { headers, body: `id: ${id}\nretry: 200\ndata: ${data}\n\n` });
      return;
    }
    const report = {
      header: headerText(exchange, "last-event-id"),
      preflight: preflights.get(token),
    };
    answer(exchange, { headers, body: `event: resumed\ndata: ${JSON.stringify(report)}\n\n` });
  };
}

/** Streams that last, and the history of how many of them were open, per `token` of the query. */
function createConnectionCounter(): { readonly stream: Endpoint; readonly history: Endpoint } {
  const histories = new Map<string, number[]>();
  const historyOf = (query: URLSearchParams): number[] => {
    const token = query.get("token") ?? "";
    const history = histories.get(token) ?? [0];
    histories.set(token, history);
    return history;
  };
  const stream: Endpoint = ({ query, response }) => {
    const history = historyOf(query);
    const add = (change: number) => history.push((history.at(-1) ?? 0) + change);
    add(1);
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write("data: opened\n\n");
    const timer = setInterval(() => response.write(": still here\n\n"), 100);
    response.once("close", () => {
      clearInterval(timer);
      add(-1);
    });
  };
  const history: Endpoint = (exchange) => {
    const headers = { "Cache-Control": "no-store" };
    const body = JSON.stringify(historyOf(exchange.query));
    answer(exchange, { mime: "application/json", headers, body });
  };
  return { stream, history };
}
