import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answerFailure,
  answerHtml,
  answerJson,
  answerPreflight,
  setCommonHeaders,
} from "./answers.js";
import {
  type EnhancedFeedMode,
  enhancedFeed,
  refusalStream,
  refusedFeedQuery,
} from "./enhanced-feed.js";
import { firstGenerationFeed } from "./first-generation-feed.js";
import { agentsStream, analysisStream, compatFeed, wardReport } from "./other-streams.js";
import { OutgoingStream, type StreamRecord } from "./outgoing-stream.js";
import { isoUtc } from "./python-json.js";
import type { Rows } from "./rows.js";
import { Sessions } from "./sessions.js";
import type { Now, Step } from "./steps.js";

/** How a protected endpoint treats somebody without a session. */
export type AnonymousAnswer = "redirect" | "unauthorized" | "in-stream";

/** What happens to a request instead of its answer: a status, a TCP reset, or nothing ever. */
export type ScriptedFailure = number | "reset" | "hang";

/** What a test may set when it starts the server, and change while it runs. */
export interface ContractServerSettings {
  /** Multiplies all pauses of the application; 1 is its real pace. */
  pace: number;
  /** Which generation answers at the path of the feed. */
  generation: "enhanced" | "first";
  /** How the enhanced generation behaves; `deployed` is today's truth. */
  enhancedMode: EnhancedFeedMode;
  /** 302 is what the application does, 401 what its documentation says. */
  anonymous: AnonymousAnswer;
  /** `STRATEGIST_ENABLED`; when false all routes of the blueprint answer 503. */
  isStrategistEnabled: boolean;
  /**
   * What answers at `/api/v1/strategist/stream`, which the timeline asks for: the JSON report of
   * today, or the first-generation feed, so that the timeline has something to read.
   */
  timeline: "report" | "feed";
  /** Origins that may read cross-origin responses. */
  corsOrigins: readonly string[];
  now: Now;
}

/** One request as it came in. */
export interface RequestRecord {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly atMs: number;
}

/** A file for the browser, served without login. */
export interface Asset {
  readonly contentType: string;
  readonly body: string;
}

/** The application's server as the contract describes it, with handles to break it. */
export interface ContractServer {
  readonly origin: string;
  readonly settings: ContractServerSettings;
  readonly rows: Rows;
  /** All requests, oldest first, preflights and logins included. */
  readonly requests: readonly RequestRecord[];
  /** All event streams that were opened, oldest first. */
  readonly streams: readonly StreamRecord[];
  /** The requests for paths that stream or should stream, oldest first. */
  streamRequests(): readonly RequestRecord[];
  openStreams(): number;
  /** Cuts all open streams with a TCP reset. */
  resetStreams(): void;
  /** Ends all open streams as if they were complete. */
  closeStreams(): void;
  /** Lets all open streams hang: nothing more is written, nothing is closed. */
  silenceStreams(): void;
  /** Lets the next so many requests for streams fail; replaces an earlier script. */
  failNext(count: number, failure: ScriptedFailure): void;
  /** Forgets what is left of the script. */
  heal(): void;
  expireSessions(): void;
  close(): Promise<void>;
}

const defaults: ContractServerSettings = {
  pace: 1,
  generation: "enhanced",
  enhancedMode: "deployed",
  anonymous: "redirect",
  isStrategistEnabled: true,
  timeline: "report",
  corsOrigins: [],
  now: Date.now,
};

/** Starts the server on a free port of the loopback interface. */
export async function startContractServer(
  settings: Partial<ContractServerSettings> = {},
  assets: Readonly<Record<string, Asset>> = {},
): Promise<ContractServer> {
  const application = new Application({ ...defaults, ...settings }, assets);
  const server = createServer((request, response) => application.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");

  return {
    origin: `http://localhost:${address.port}`,
    settings: application.settings,
    rows: application.rows,
    requests: application.requests,
    streams: application.streams,
    streamRequests: () =>
      application.requests.filter(({ method, url }) => method === "GET" && isStreamUrl(url)),
    openStreams: () => application.openStreams().length,
    resetStreams: () => {
      for (const stream of application.openStreams()) stream.reset();
    },
    closeStreams: () => {
      for (const stream of application.openStreams()) stream.close();
    },
    silenceStreams: () => {
      for (const stream of application.openStreams()) stream.silence();
    },
    failNext: (count, failure) => {
      application.script = { count, failure };
    },
    heal: () => {
      application.script = undefined;
    },
    expireSessions: () => application.sessions.expireAll(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Application {
  readonly settings: ContractServerSettings;
  readonly rows: Rows = { alerts: [], posts: [], cached: [] };
  readonly requests: RequestRecord[] = [];
  readonly streams: OutgoingStream[] = [];
  readonly sessions = new Sessions();
  script: { readonly count: number; readonly failure: ScriptedFailure } | undefined;
  readonly #assets: Readonly<Record<string, Asset>>;

  constructor(settings: ContractServerSettings, assets: Readonly<Record<string, Asset>>) {
    this.settings = settings;
    this.#assets = assets;
  }

  openStreams(): readonly OutgoingStream[] {
    return this.streams.filter((stream) => stream.isOpen);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url: target = "/", headers } = request;
    const url = new URL(target, "http://localhost");
    const asset = this.#assets[url.pathname];
    if (asset !== undefined) {
      response.writeHead(200, { "Content-Type": asset.contentType }).end(asset.body);
      return;
    }
    this.requests.push({ method, url: target, headers, atMs: Date.now() });
    setCommonHeaders(request, response, this.settings.corsOrigins);
    if (method === "OPTIONS") answerPreflight(response);
    else if (isStreamUrl(target) && this.#failByScript(response)) return;
    else if (url.pathname === "/api/v1/login") this.#login(request, response);
    else if (url.pathname === "/api/v1/status") this.#status(request, response);
    else this.#route(url, request, response);
  }

  #failByScript(response: ServerResponse): boolean {
    const script = this.script;
    if (script === undefined || script.count === 0) return false;
    this.script = { ...script, count: script.count - 1 };
    if (script.failure === "reset") response.socket?.resetAndDestroy();
    else if (script.failure !== "hang") answerFailure(response, script.failure);
    return true;
  }

  #login(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "POST") {
      answerHtml(response, 405, "Method Not Allowed", { Allow: "POST, OPTIONS" });
      return;
    }
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const user = readCredentials(body);
      if (user === undefined) {
        answerJson(response, 400, { error: "Username and password are required" });
      } else if (user.password !== "correct") {
        answerJson(response, 401, { error: "Invalid credentials" });
      } else {
        response.setHeader("Set-Cookie", this.sessions.start());
        const { username } = user;
        const email = `${username}@example.org`;
        answerJson(response, 200, {
          message: "Login successful",
          user: { id: 1, username, email, last_login: isoUtc(this.settings.now()) },
        });
      }
    });
  }

  #status(request: IncomingMessage, response: ServerResponse): void {
    answerJson(response, 200, {
      ok: true,
      authenticated: this.sessions.isAuthenticated(request),
      user: null,
      server_time: isoUtc(this.settings.now()),
    });
  }

  #route(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = url;
    const { now } = this.settings;
    const agentsWard = lastPart(pathname, "/api/v1/agents/stream/analysis/");
    if (agentsWard !== undefined) {
      this.#stream(response, url, agentsStream(agentsWard, now));
      return;
    }
    if (pathname.startsWith("/api/v1/strategist") && !this.settings.isStrategistEnabled) {
      answerFailure(response, 503);
      return;
    }
    if (!this.sessions.isAuthenticated(request)) {
      this.#answerAnonymous(url, response);
      return;
    }
    const analysisWard = lastPart(pathname, "/api/v1/multimodel/strategist/stream/");
    if (analysisWard !== undefined) this.#analysis(analysisWard, url, response);
    else if (pathname === "/api/v1/strategist/feed") this.#feed(url, request, response);
    else if (pathname === "/api/v1/strategist-compat/feed") this.#compat(url, response);
    else if (pathname === "/api/v1/strategist/conversation/stream") {
      // The view hands an async generator to a WSGI server (defect D13).
      if (query.get("sessionId")) answerHtml(response, 500, "Internal Server Error");
      else answerJson(response, 400, { error: "sessionId is required" });
    } else this.#report(url, response);
  }

  #answerAnonymous(url: URL, response: ServerResponse): void {
    const { anonymous } = this.settings;
    if (anonymous === "in-stream") {
      this.#stream(response, url, refusalStream("Authentication required"));
    } else if (anonymous === "unauthorized") {
      answerJson(response, 401, { error: "Authentication required" });
    } else {
      const next = encodeURIComponent(`${url.pathname}${url.search}`);
      answerHtml(response, 302, "Redirecting", { Location: `/api/v1/login?next=${next}` });
    }
  }

  #feed(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { generation, enhancedMode: mode, now } = this.settings;
    const query = url.searchParams;
    const { rows } = this;
    if (generation === "first") {
      this.#stream(response, url, firstGenerationFeed({ query, rows, now }));
      return;
    }
    const refusal = refusedFeedQuery(query);
    if (refusal !== undefined) {
      this.#stream(response, url, refusalStream(refusal));
      return;
    }
    this.#stream(response, url, enhancedFeed({ query, mode, rows, now }), {
      "Cache-Control": "no-cache, no-store, must-revalidate",
      "Access-Control-Allow-Origin": request.headers.origin ?? "*",
      "Access-Control-Allow-Credentials": "true",
    });
  }

  #analysis(ward: string, url: URL, response: ServerResponse): void {
    if (ward.trim() === "") {
      answerJson(response, 400, { error: "Ward is required" });
      return;
    }
    this.#stream(response, url, analysisStream(ward, url.searchParams, this.settings.now), {
      "X-Ward": encodeURIComponent(ward),
      "X-Analysis-Depth": url.searchParams.get("depth") ?? "standard",
      "X-Stream-Type": "strategist-analysis",
      "Access-Control-Allow-Origin": "*",
    });
  }

  #compat(url: URL, response: ServerResponse): void {
    const ward = (url.searchParams.get("ward") ?? "").trim();
    if (ward === "") answerJson(response, 400, { error: "Ward is required" });
    else this.#stream(response, url, compatFeed(ward, url.searchParams, this.settings.now));
  }

  #report(url: URL, response: ServerResponse): void {
    const ward = lastPart(url.pathname, "/api/v1/strategist/");
    if (ward === undefined) {
      answerHtml(response, 404, "Not Found");
    } else if (ward === "stream" && this.settings.timeline === "feed") {
      const { now } = this.settings;
      const query = url.searchParams;
      this.#stream(response, url, firstGenerationFeed({ query, rows: this.rows, now }));
    } else {
      const body = wardReport(ward, this.settings.now);
      response.writeHead(200, { "Content-Type": "application/json" }).end(body);
    }
  }

  #stream(
    response: ServerResponse,
    url: URL,
    steps: Iterator<Step>,
    headers: Record<string, string> = {},
  ): void {
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache",
      "X-Accel-Buffering": "no",
      ...headers,
    });
    const stream = new OutgoingStream(response, `${url.pathname}${url.search}`, this.settings.pace);
    this.streams.push(stream);
    stream.play(steps);
  }
}

function isStreamUrl(url: string): boolean {
  return /^\/api\/v1\/.*(\/stream|\/feed)([/?]|$)/.test(url);
}

function lastPart(pathname: string, prefix: string): string | undefined {
  if (!pathname.startsWith(prefix)) return undefined;
  return decodeURIComponent(pathname.slice(prefix.length));
}

function readCredentials(body: string): { username: string; password: string } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("username" in value) || !("password" in value)) return undefined;
    const { username, password } = value;
    if (typeof username !== "string" || typeof password !== "string") return undefined;
    return { username, password };
  } catch {
    // Text that is not JSON is refused like JSON without the two members.
    return undefined;
  }
}
