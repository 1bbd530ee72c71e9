// Readers in a browser: one page, and in it a frame for each, with an origin of its own. So every reader
// has connections of its own, and the limit of six of them concerns nobody.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type BrowserName, launchBrowser, type TestBrowser } from "@throughline/browsers";
import type { OpenReader, ReaderWatch } from "@throughline/testkit";
import { type WebSocket, WebSocketServer } from "ws";
import type { ClientName } from "./clients.js";
import { FRAME_PATH, type FrameSays, type FrameTask, type PageCommand } from "./page/messages.js";
import type { PageScripts } from "./page-scripts.js";

/** How long a browser may take until its page speaks. */
const READY_WITHIN_MS = 40_000;

/** How long a frame may take until its reader is made. */
const OPENED_WITHIN_MS = 15_000;

/** What a reader in a page tells. */
export interface PageWatch extends ReaderWatch {
  /** Its page stood still, for so long that it spoils what was measured. */
  stalled(): void;
}

/** A browser with readers. */
export interface BrowserHost {
  /** Opens a reader of a client, and resolves when it is made, connected or not. */
  open(client: ClientName, url: string, watch: PageWatch): Promise<OpenReader>;
  /** When it was last gone without having been closed, on the clock of `performance.now()`. */
  readonly lostAtMs: number | undefined;
  close(): Promise<void>;
}

/** Readers in a browser. It is started with the first of them, and again when it has crashed. */
export function createBrowserHost(browser: BrowserName, scripts: PageScripts): BrowserHost {
  let page: Promise<ReaderPage> | undefined;
  let lostAtMs: number | undefined;
  const running = (): Promise<ReaderPage> => {
    const starting = page ?? startPage(browser, scripts);
    if (page === undefined) {
      page = starting;
      const forget = () => {
        if (page !== starting) return;
        page = undefined;
        lostAtMs = performance.now();
      };
      starting.then(({ gone }) => gone.then(forget), forget);
    }
    return starting;
  };
  return {
    open: async (client, url, watch) => {
      const { origin, pathname, search } = new URL(url);
      return (await running()).open(origin, { client, url: `${pathname}${search}` }, watch);
    },
    get lostAtMs() {
      return lostAtMs;
    },
    close: async () => {
      const closing = page;
      page = undefined;
      await (await closing?.catch(() => undefined))?.close();
    },
  };
}

interface ReaderPage {
  open(origin: string, task: Omit<FrameTask, "reader">, watch: PageWatch): Promise<OpenReader>;
  /** Resolves when the browser, or the page, is not there any more. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

interface Known {
  readonly origin: string;
  readonly pathname: string;
  readonly watch: PageWatch;
  readonly opened: () => void;
}

async function startPage(name: BrowserName, scripts: PageScripts): Promise<ReaderPage> {
  const readers = new Map<number, Known>();
  const server = createServer((request, response) => {
    const isScript = request.url === "/stage.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? scripts.stage : STAGE);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new WebSocketServer({ server });
  const { port } = server.address() as AddressInfo;
  let browser: TestBrowser | undefined;
  const close = async () => {
    // One that has crashed cannot be closed, and need not be.
    await browser?.close().catch(() => {});
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
  };
  try {
    // The certificate of a path is made for the run that it serves.
    browser = await launchBrowser(name, { believesEveryone: true });
    const page = await (await browser.newContext()).newPage();
    await page.onRequest((url, method) => {
      if (method !== "GET") return;
      const { origin, pathname } = new URL(url);
      for (const known of readers.values()) {
        if (known.origin === origin && known.pathname === pathname) known.watch.request();
      }
    });
    const connected = once(sockets, "connection", { signal: AbortSignal.timeout(READY_WITHIN_MS) });
    await page.goto(`http://127.0.0.1:${port}/`);
    const [socket] = (await connected) as [WebSocket];
    socket.on("message", (text) => hear(readers, JSON.parse(String(text)) as FrameSays));
    const gone = once(socket, "close").then(close);
    return { open: opener(socket, readers), gone, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function hear(readers: ReadonlyMap<number, Known>, said: FrameSays): void {
  const known = readers.get(said.reader);
  // Its frame has just been removed.
  if (known === undefined) return;
  switch (said.kind) {
    case "opened":
      known.opened();
      break;
    case "stalled":
      known.watch.stalled();
      break;
    case "state":
      known.watch.state(said.state, said.reason);
      break;
    case "event":
      known.watch.event(said.data);
      break;
    case "gap":
      known.watch.gap({ from: said.from, to: said.to, reason: said.reason });
      break;
  }
}

function opener(socket: WebSocket, readers: Map<number, Known>): ReaderPage["open"] {
  let count = 0;
  const tell = (command: PageCommand) => socket.send(JSON.stringify(command));
  return async (origin, task, watch) => {
    count += 1;
    const reader = count;
    const fragment = encodeURIComponent(JSON.stringify({ ...task, reader } satisfies FrameTask));
    const { pathname } = new URL(task.url, origin);
    const close = async () => {
      readers.delete(reader);
      tell({ kind: "close", reader });
    };
    const opened = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The frame at ${origin} has not loaded.`)),
        OPENED_WITHIN_MS,
      );
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      readers.set(reader, { origin, pathname, watch, opened: done });
    });
    tell({ kind: "open", reader, frameUrl: `${origin}${FRAME_PATH}#${fragment}` });
    try {
      await opened;
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  };
}

const STAGE = '<!doctype html><title>readers</title><body><script src="/stage.js"></script></body>';
