// The server at the end of a path, as a process of its own: a hub, or a gateway. It is told what to be by
// its parent, says `ready` when it listens, and ends with its parent. It can be killed at any time.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createEmbeddedLog, createHub, createMemoryLog, type EventLog } from "@throughline/server";
import { createGateway, PRESETS } from "@throughline/server/gateway";
import { FRAME_PATH, FRAME_SCRIPT_PATH } from "../clients/page/messages.js";
import type { GatewayTask, OriginSays, OriginTask, PublishAnswer, PublishTask } from "./origin.js";

/** Connections that may wait to be accepted: all readers come back at once. */
const BACKLOG = 1024;

/** Answers are small and many: one message for each would cost more than what it is about. */
const ANSWER_EVERY_MS = 2;

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

process.once("message", (task: OriginTask) => void start(task));
process.once("disconnect", () => process.exit());

async function start(task: OriginTask): Promise<void> {
  const log = await openLog(task);
  const serve = task.backend === undefined ? serveHub(log) : serveGateway(log, task.backend);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://origin");
    if (pathname === "/readyz") response.end("ready\n");
    else if (pathname === FRAME_PATH) page(response, "text/html", FRAME);
    else if (pathname === FRAME_SCRIPT_PATH) page(response, "text/javascript", task.frameScript);
    else serve(request, response);
  });
  // On every address: each reader of a browser has one of its own.
  server.listen({ port: task.port, host: "0.0.0.0", backlog: BACKLOG }, () => {
    process.send?.("ready");
  });
}

function openLog({ directory }: OriginTask): EventLog | Promise<EventLog> {
  return directory === undefined ? createMemoryLog() : createEmbeddedLog({ directory });
}

/** A hub, into which the parent publishes: requests over HTTP would be most of the work of a run. */
function serveHub(log: EventLog): Serve {
  const hub = createHub({ log });
  let answers: PublishAnswer[] = [];
  const send = () => {
    say({ kind: "answers", answers });
    answers = [];
  };
  const answer = (each: PublishAnswer) => {
    if (answers.push(each) === 1) setTimeout(send, ANSWER_EVERY_MS);
  };
  process.on("message", ({ id, stream, data }: PublishTask) => {
    hub.publish(stream, { data }).then(
      () => answer({ id }),
      (error: unknown) => answer({ id, error: String(error) }),
    );
  });
  return hub.handleNode;
}

/** The preset for the backend, with one stream for all: everybody here is the same user. */
function serveGateway(inner: EventLog, { url, cookie, threads }: GatewayTask): Serve {
  const log = noting(inner);
  const preset = PRESETS["strategist-enhanced"];
  const gateway = createGateway({
    ...preset,
    routes: preset.routes.map((route) =>
      route.name === "feed" ? { ...route, identity: "shared" as const } : route,
    ),
    upstream: url,
    maxUpstreams: threads,
    log,
    // The backend is taken away on purpose.
    onError: () => {},
  });
  return (request, response) => {
    // Who reads is not what is measured; a login page before each reader would only be in the way.
    request.headers.cookie = cookie;
    request.rawHeaders.push("Cookie", cookie);
    gateway.handleNode(request, response);
  };
}

/** The log, with a word to the parent for every event that it has taken. */
function noting(log: EventLog): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "append") return value.bind(target);
      return async (...args: Parameters<EventLog["append"]>) => {
        const appended = await target.append(...args);
        for (const { data } of args[1]) say({ kind: "stored", data });
        return appended;
      };
    },
  });
}

function say(message: OriginSays): void {
  process.send?.(message);
}

function page(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "content-type": type, "cache-control": "max-age=600" }).end(text);
}

const FRAME = `<!doctype html><title>reader</title><script src="${FRAME_SCRIPT_PATH}"></script>`;
