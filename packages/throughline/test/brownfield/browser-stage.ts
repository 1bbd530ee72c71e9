import { createServer } from "node:http";
import { bundleScript, launchChromium } from "@throughline/browsers";
import type { Frame, Page } from "playwright-core";
import type { TransportName } from "throughline";
import { type Line, type LineStage, layLine, type OpenLineStage } from "./line.js";
import type { InstallOptions, PageApi } from "./page.js";
import { type Asset, type ContractServer, startContractServer } from "./server/contract-server.js";
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
  /** The same over a line, with the gateway at its end or without. */
  overLine(transport: TransportName, hasGateway: boolean): OpenLineStage;
  /** Opens a stage after `installEventSource` with these options; `undefined` to leave it out. */
  open(setup: StageSetup, install: InstallOptions | undefined): Promise<BrowserStage>;
  /** The same over a line. */
  openOverLine(
    setup: StageSetup,
    install: InstallOptions | undefined,
    hasGateway: boolean,
  ): Promise<BrowserStage & LineStage>;
  close(): Promise<void>;
}

/** Starts Chromium and bundles the script of the frames. */
export async function createBrowserStages(): Promise<BrowserStages> {
  const [browser, script] = await Promise.all([
    launchChromium(),
    bundleScript(new URL("page.ts", import.meta.url)),
  ]);
  const assets = {
    "/": { contentType: "text/html", body: '<!doctype html><script src="/page.js"></script>' },
    "/page.js": { contentType: "text/javascript", body: script },
    "/worker.js": { contentType: "text/javascript", body: workerScript },
  };
  const holder = await serveEmptyPage();
  const page = await browser.newPage();
  await page.goto(holder.origin);

  const requests: SeenRequest[] = [];
  page.on("request", (request) => {
    requests.push({ url: request.url(), type: request.resourceType() });
  });

  const world = { page, assets, requests };
  const open: BrowserStages["open"] = async (setup, install) => {
    const server = await startContractServer(setup.settings, assets);
    return openStage(world, server, server.origin, install);
  };
  const openOverLine: BrowserStages["openOverLine"] = async (setup, install, hasGateway) => {
    const server = await startContractServer(setup.settings, assets);
    const line: Line = await layLine(server, hasGateway);
    const stage = await openStage(world, server, line.origin, install);
    return {
      ...stage,
      hasGateway,
      line: line.proxy,
      lineRequests: line.requests,
      close: async () => {
        await stage.close();
        await line.close();
      },
    };
  };
  // The flag is off: nothing is installed, as in the application of today.
  const installed = (transport: TransportName, { options }: StageSetup) =>
    transport === "native" ? undefined : { ...options };
  return {
    withTransport: (transport) => (setup) => open(setup, installed(transport, setup)),
    overLine: (transport, hasGateway) => (setup) =>
      openOverLine(setup, installed(transport, setup), hasGateway),
    open,
    openOverLine,
    close: async () => {
      await browser.close();
      await holder.close();
    },
  };
}

/** The application's worker (D17): network first, and a copy of everything below the strategist. */
const workerScript = `
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (!event.request.url.includes("/api/v1/strategist")) return;
  event.respondWith(
    fetch(event.request).then(
      (response) => {
        const copy = response.clone();
        event.waitUntil(caches.open("api").then((cache) => cache.put(event.request, copy)).catch(() => {}));
        return response;
      },
      async () => (await caches.match(event.request)) ?? Response.error(),
    ),
  );
});
`;

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
  { page, requests }: World,
  server: ContractServer,
  pageOrigin: string,
  install: InstallOptions | undefined,
): Promise<BrowserStage> {
  // Earlier requests may be of another server that had the same port.
  const firstRequest = requests.length;
  const frame = await addFrame(page, pageOrigin);
  const inPage: BrowserStage["inPage"] = (name, ...args) =>
    frame.evaluate(
      ([called, values]) => {
        const { contract } = globalThis as unknown as { contract: PageApi };
        return Reflect.apply(contract[called], contract, values);
      },
      [name, args] as const,
    );

  const logIn = async () => {
    const status = await inPage("logIn", pageOrigin);
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
        .filter(({ url }) => url.startsWith(`${pageOrigin}/api/v1/strategist/feed`))
        .map(({ type }) => type),
    open: async ({ origin = pageOrigin, ...setup }) => {
      const baseUrl = origin === pageOrigin ? "" : origin;
      const client = await inPage("open", { ...setup, baseUrl }, origin);
      return {
        snapshot: () => inPage("snapshot", client),
        stop: () => inPage("stop", client),
        call: (method, ...args) => inPage("call", client, method, args),
      };
    },
    close: async () => {
      await removeFrame(page, pageOrigin);
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
