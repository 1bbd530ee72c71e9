import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type App, startApp } from "../server/app.js";

let webRoot: string;
let app: App;
const failures: unknown[] = [];

let folders = 0;

const options = () => ({
  host: "127.0.0.1",
  port: 0,
  dataDirectory: join(webRoot, `data-${folders++}`),
  webRoot,
  seed: 5,
  onError: (error: unknown) => failures.push(error),
});

beforeAll(async () => {
  webRoot = mkdtempSync(join(tmpdir(), "strategist-web-"));
  mkdirSync(join(webRoot, "assets"));
  writeFileSync(join(webRoot, "index.html"), "<!doctype html><title>Page</title>");
  writeFileSync(join(webRoot, "assets", "index-abc.js"), "export {};\n");
  app = await startApp(options());
});

afterAll(async () => {
  await app.close();
  rmSync(webRoot, { recursive: true });
  expect(failures).toEqual([]);
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, app.url), { headers });

const post = (path: string, body: unknown, type = "application/json") =>
  fetch(new URL(path, app.url), {
    method: "POST",
    headers: { "content-type": type },
    body: JSON.stringify(body),
  });

/** Reads an event stream until `count` events with data have come, then leaves. */
async function readEvents(path: string, count: number): Promise<{ type: string; data: string }[]> {
  const controller = new AbortController();
  const response = await fetch(new URL(path, app.url), { signal: controller.signal });
  const events: { type: string; data: string }[] = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      const type = /^event: (.*)$/m.exec(block)?.[1] ?? "message";
      if (data !== undefined && !type.startsWith("throughline.")) events.push({ type, data });
    }
    if (events.length >= count) break;
  }
  controller.abort();
  return events.slice(0, count);
}

test("the page is asked for again each time, and not sent again while it is the same", async () => {
  const page = await get("/");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const again = await get("/", { "if-none-match": page.headers.get("etag") ?? "" });
  expect(again.status).toBe(304);
});

test("files with a hash in their name are kept for ever", async () => {
  const script = await get("/assets/index-abc.js");
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(script.headers.get("cache-control")).toContain("immutable");
});

test.each(["/nothing", "/../package.json", "/%2e%2e/package.json", "/assets/"])(
  "there is nothing at %s",
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);

test("today's endpoint greets, then sends unnamed messages without ids", async () => {
  const response = await get("/api/v1/strategist/feed?ward=All");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  await response.body?.cancel();
  const events = await readEvents("/api/v1/strategist/feed?ward=All&priority=all", 3);
  expect(events.map(({ type }) => type)).toEqual(["message", "message", "message"]);
  const [greeting, ...items] = events.map(({ data }) => JSON.parse(data));
  expect(greeting).toMatchObject({
    type: "connection",
    data: { status: "connected", ward: "All", priority: "all" },
  });
  for (const item of items) expect(["intelligence", "alert"]).toContain(item.type);
});

test.each([
  ["?ward=", "Ward parameter is required"],
  [`?ward=${"x".repeat(101)}`, "Ward name too long"],
  ["?ward=All&priority=urgent", "Invalid priority: urgent"],
])("bad input %s is answered with status 200 and an error, as it is today", async (query, text) => {
  const response = await get(`/api/v1/strategist/feed${query}`);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(
    `data: ${JSON.stringify({ type: "error", message: text })}\n\n`,
  );
});

test("the hub's stream and today's endpoint carry the items of the ledger", async () => {
  const { replayFrom } = await (await get("/demo/campaign")).json();
  const sinceMs = Date.now();
  const [today, hub] = await Promise.all([
    readEvents("/api/v1/strategist/feed?ward=All", 4),
    readEvents(`/live/streams/feed?cursor=${replayFrom}`, 504),
  ]);
  const ledger = await (await get(`/demo/ledger?since=${sinceMs - 60_000}`)).json();
  const listed = ledger.entries.map((entry: { id: string }) => entry.id);
  const idOf = ({ data }: { data: string }) => {
    const message = JSON.parse(data);
    return message.type === "alert" ? `alert:${message.data.id}` : message.data.id;
  };
  const received = hub.map(idOf);
  const first = listed.indexOf(received[0]);
  expect(received).toEqual(listed.slice(first, first + received.length));
  for (const id of today.slice(1).map(idOf)) expect(listed).toContain(id);
});

test("a subscription by topic gets its ward and nothing else", async () => {
  const path = "/live/streams/feed?topics=ward/old-fort/**&cursor=earliest";
  const events = await readEvents(path, 5);
  for (const { data } of events) expect(JSON.parse(data).data.ward).toBe("Old Fort");
});

test("nobody can publish to the hub from outside", async () => {
  expect((await post("/live/streams/feed", { data: "forged" })).status).toBe(405);
});

test("an analysis tells its stages in the application's messages, after the cursor given", async () => {
  const body = { ward: "Canal Bank", depth: "quick" };
  const started = await post("/api/v1/strategist/analyze", body);
  expect(started.status).toBe(202);
  expect((await post("/api/v1/strategist/analyze", body)).status).toBe(409);
  const { stream, cursor } = await started.json();
  const events = await readEvents(`/live/streams/${stream}?cursor=${cursor}`, 2);
  expect(events.map(({ data }) => JSON.parse(data).type)).toEqual([
    "analysis-progress",
    "analysis-progress",
  ]);
});

test.each([
  ["/api/v1/strategist/analyze", { ward: "Atlantis", depth: "quick" }],
  ["/api/v1/strategist/analyze", { ward: "Old Fort", depth: "endless" }],
  ["/demo/fault", { fault: "meteor" }],
  ["/demo/fault", {}],
  ["/demo/fault", [1]],
])("%s refuses %j with a sentence", async (path, body) => {
  const response = await post(path, body);
  expect(response.status).toBe(400);
  expect((await response.json()).error).toMatch(/\.$/);
});

test("a form of another site cannot break the link", async () => {
  expect((await post("/demo/fault", { fault: "reset" }, "text/plain")).status).toBe(415);
});

test("one fault at a time, until it is mended", async () => {
  const started = await (await post("/demo/fault", { fault: "freeze" })).json();
  expect(started.active.fault).toBe("freeze");
  expect((await post("/demo/fault", { fault: "drop" })).status).toBe(409);
  const mended = await (await post("/demo/fault", { fault: null })).json();
  expect(mended.active).toBeNull();
  expect(mended.history.at(-1).fault).toBe("freeze");
  expect((await post("/demo/fault", { fault: "drop" })).status).toBe(200);
});

test("a port that is taken is reported, and nothing is left running", async () => {
  const port = Number(new URL(app.url).port);
  await expect(startApp({ ...options(), port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a page that has not been built is reported before anything starts", async () => {
  const missing = join(webRoot, "missing");
  await expect(startApp({ ...options(), webRoot: missing })).rejects.toThrow(/Build the page/);
});

test("a path that is no address is refused, and the server goes on", async () => {
  const request = httpGet({ host: "127.0.0.1", port: new URL(app.url).port, path: "//?devtools" });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(400);
  expect((await get("/")).status).toBe(200);
});
