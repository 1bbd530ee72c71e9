import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Frame, type Page } from "playwright-core";
import type { TransportName } from "throughline";
import { build } from "vite";
import type { InstallOptions, PageApi } from "./page.js";
import { type Asset, startContractServer } from "./server/contract-server.js";
import type { OpenStage, Stage, StageSetup } from "./stage.js";

/**
 * A stage whose clients run in a frame of its own. All frames are of the host `localhost`, so that
 * they share one process and one session; each has its own port, globals and connections.
 */
export interface BrowserStage extends Stage {
  /** Calls the script of the page. */
  inPage<Name extends keyof PageApi>(
    name: Name,
    ...args: Parameters<PageApi[Name]>
  ): Promise<Awaited<ReturnType<PageApi[Name]>>>;
  /** How Chromium calls its requests for streams: `eventsource` or `fetch`. */
  streamRequestTypes(): readonly string[];
}

/** A running Chromium with a page that holds the frames. */
export interface BrowserStages {
  /** Opens stages with this transport behind the global `EventSource`. */
  withTransport(transport: TransportName): OpenStage;
  /** Opens a stage after `installEventSource` with these options; `undefined` to leave it out. */
  open(setup: StageSetup, install: InstallOptions | undefined): Promise<BrowserStage>;
  close(): Promise<void>;
}

/** Starts Chromium and bundles the script of the frames. */
export async function createBrowserStages(): Promise<BrowserStages> {
  const [browser, script] = await Promise.all([launch(), bundlePage()]);
  const assets = {
    "/": { contentType: "text/html", body: '<!doctype html><script src="/page.js"></script>' },
    "/page.js": { contentType: "text/javascript", body: script },
  };
  const holder = await serveEmptyPage();
  const page = await browser.newPage();
  await page.goto(holder.origin);

  const requests: SeenRequest[] = [];
  page.on("request", (request) => {
    requests.push({ url: request.url(), type: request.resourceType() });
  });

  const open: BrowserStages["open"] = async (setup, install) =>
    openStage({ page, assets, requests }, setup, install);
  return {
    withTransport: (transport) => (setup) =>
      // The flag is off: nothing is installed, as in the application of today.
      open(setup, transport === "native" ? undefined : { ...setup.options }),
    open,
    close: async () => {
      await browser.close();
      await holder.close();
    },
  };
}

interface SeenRequest {
  readonly url: string;
  readonly type: string;
}

interface World {
  readonly page: Page;
  readonly assets: Readonly<Record<string, Asset>>;
  /** Everything that the page has asked for. */
  readonly requests: readonly SeenRequest[];
}

async function openStage(
  { page, assets, requests }: World,
  { settings }: StageSetup,
  install: InstallOptions | undefined,
): Promise<BrowserStage> {
  const server = await startContractServer(settings, assets);
  // Earlier requests may be of another server that had the same port.
  const firstRequest = requests.length;
  const frame = await addFrame(page, server.origin);
  const inPage: BrowserStage["inPage"] = (name, ...args) =>
    frame.evaluate(
      ([called, values]) => {
        const { contract } = globalThis as unknown as { contract: PageApi };
        return Reflect.apply(contract[called], contract, values);
      },
      [name, args] as const,
    );

  const logIn = async () => {
    const status = await inPage("logIn", server.origin);
    if (status !== 200) throw new Error(`login answered ${status}`);
  };
  await logIn();
  if (install !== undefined) await inPage("install", install);
  return {
    server,
    transport: install === undefined ? "native" : "throughline",
    logIn,
    inPage,
    streamRequestTypes: () =>
      requests
        .slice(firstRequest)
        .filter(({ url }) => url.startsWith(`${server.origin}/api/v1/strategist/feed`))
        .map(({ type }) => type),
    open: async ({ origin = server.origin, ...setup }) => {
      const baseUrl = origin === server.origin ? "" : origin;
      const client = await inPage("open", { ...setup, baseUrl }, origin);
      return {
        snapshot: () => inPage("snapshot", client),
        stop: () => inPage("stop", client),
        call: (method, ...args) => inPage("call", client, method, args),
      };
    },
    close: async () => {
      await removeFrame(page, server.origin);
      await server.close();
    },
  };
}

async function addFrame(page: Page, url: string): Promise<Frame> {
  await page.evaluate(
    (src) =>
      new Promise<void>((resolve) => {
        const element = document.createElement("iframe");
        element.name = src;
        element.onload = () => resolve();
        element.src = src;
        document.body.append(element);
      }),
    url,
  );
  const frame = page.frame({ name: url });
  if (frame === null) throw new Error(`no frame was made for ${url}`);
  return frame;
}

function removeFrame(page: Page, url: string): Promise<void> {
  return page.evaluate((name) => document.querySelector(`iframe[name="${name}"]`)?.remove(), url);
}

/** The page around the frames; it has to be of the same host, or the cookies count as foreign. */
async function serveEmptyPage(): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><body></body>");
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    origin: `http://localhost:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

async function bundlePage(): Promise<string> {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: [{ find: /^throughline$/, replacement: path("../../src/client/index.ts") }],
    },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      rolldownOptions: { input: path("./page.ts"), output: { format: "iife" } },
    },
  });
  if (!("output" in result)) throw new Error("vite built something else than one bundle");
  const chunk = result.output.find((output) => output.type === "chunk");
  if (chunk === undefined) throw new Error("vite built no script");
  return chunk.code;
}
