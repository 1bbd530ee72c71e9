// The example over Flask, as a process of its own: the page, the login, the rows, and its end.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventSource } from "throughline";
import { afterEach, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { parseFeedMessage } from "../../web/model/wire.js";
import { type ExampleProcess, startExample } from "../start-example.js";
import { eventually } from "./stage.js";

interface Roads {
  readonly feed: string;
  readonly todaysFeed: string;
  readonly account: { readonly username: string; readonly password: string };
}

/** A reader of the page's feed, logged in as the page does it. */
class Reader {
  readonly url: string;
  readonly cookie: string;
  readonly source: EventSource;
  readonly items: string[] = [];

  private constructor(url: string, cookie: string, feed: string) {
    this.url = url;
    this.cookie = cookie;
    this.source = new EventSource(new URL(feed, url), { headers: { cookie } });
    this.source.onmessage = ({ data }) => {
      const message = parseFeedMessage(data);
      if (message.kind === "item") this.items.push(message.item.id);
    };
  }

  static async open(url: string): Promise<Reader> {
    const { feed, account } = await readRoads(url);
    return new Reader(url, await logIn(url, account), feed);
  }
}

async function readRoads(url: string): Promise<Roads> {
  return (await (await fetch(new URL("/demo/campaign", url))).json()) as Roads;
}

async function logIn(url: string, account: Roads["account"]): Promise<string> {
  const response = await postJson(url, "/api/v1/login", account);
  expect(response.status).toBe(200);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function postJson(url: string, path: string, body: object): Promise<Response> {
  return fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function ledgerOf(url: string): Promise<string[]> {
  const ledger = await (await fetch(new URL("/demo/ledger", url))).json();
  return ledger.entries.map(({ id }: { id: string }) => id);
}

/** Processes of the back end with a database in a folder, found by their environment. */
function backendProcesses(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`BACKEND_DATABASE=${folder}`);
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
      return false;
    }
  });
}

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the example over Flask", () => {
  const started: ExampleProcess[] = [];
  const readers: Reader[] = [];
  const folders: string[] = [];

  const start = (port = 0, folder?: string) => {
    const example = startExample(port, folder, "flask");
    started.push(example);
    return example;
  };
  const open = async (url: string) => {
    const reader = await Reader.open(url);
    readers.push(reader);
    return reader;
  };
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "strategist-"));
    folders.push(folder);
    return folder;
  };

  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.source.close();
    await Promise.all(started.splice(0).map((example) => example.kill()));
    for (const folder of folders.splice(0)) {
      // Its back end ends by itself, a moment after whoever had started it.
      await eventually(() => expect(backendProcesses(folder)).toEqual([]));
      rmSync(folder, { recursive: true, maxRetries: 3 });
    }
  });

  it("serves the page, logs in, and brings each row of the story once", async () => {
    const url = await start().url;
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("root")]);
    const anonymous = await fetch(new URL((await readRoads(url)).feed, url));
    expect([anonymous.status, await anonymous.text()]).toEqual([
      401,
      expect.stringContaining("unauthorized"),
    ]);

    const reader = await open(url);
    await eventually(() => expect(reader.items.length).toBeGreaterThan(10), 40_000);
    const ledger = await ledgerOf(url);
    expect(reader.items.filter((id, index) => reader.items.indexOf(id) !== index)).toEqual([]);
    expect(ledger).toEqual(expect.arrayContaining(reader.items.slice(0, -1)));
    // Of what was published since it came, all has come.
    const newest = ledger.slice(-3);
    await eventually(() => expect(reader.items).toEqual(expect.arrayContaining(newest)));
  });

  it("ends the stream with 401 soon after the logout, and the native road past the gateway too", async () => {
    const url = await start().url;
    const reader = await open(url);
    await eventually(() => expect(reader.items.length).toBeGreaterThan(0));
    await fetch(new URL("/api/v1/logout", url), {
      method: "POST",
      headers: { cookie: reader.cookie },
    });
    await eventually(() => expect(reader.source.connection.reason).toBe("unauthorized"));
    const today = await fetch(new URL((await readRoads(url)).todaysFeed, url), {
      headers: { cookie: reader.cookie },
    });
    expect(today.status).toBe(405);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("%s ends it and all of its processes", async (signal) => {
    const folder = newFolder();
    const example = start(0, folder);
    const reader = await open(await example.url);
    await eventually(() => expect(reader.items.length).toBeGreaterThan(0));
    expect(backendProcesses(folder).length).toBeGreaterThan(3);
    example.signal(signal);
    expect(await example.exitCode).toBe(0);
    expect(backendProcesses(folder)).toEqual([]);
    expect(example.output().trim().split("\n")).toHaveLength(1);
  });

  it("goes on with the same data after kill -9, and a login still counts", async () => {
    const folder = newFolder();
    const first = start(0, folder);
    const reader = await open(await first.url);
    await eventually(() => expect(reader.items.length).toBeGreaterThan(8));
    const before = await ledgerOf(await first.url);
    reader.source.close();
    await first.kill();
    await eventually(() => expect(backendProcesses(folder)).toEqual([]));

    const url = await start(0, folder).url;
    const status = await fetch(new URL("/api/v1/status", url), {
      headers: { cookie: reader.cookie },
    });
    expect(await status.json()).toMatchObject({ authenticated: true });
    await eventually(async () => expect((await ledgerOf(url)).length).toBeGreaterThan(0));
    const after = await ledgerOf(url);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    const again = await open(url);
    // What was stored is shown first.
    await eventually(() => expect(again.items.slice(0, 8)).toEqual(reader.items.slice(0, 8)));
  });

  it("says in one line that a port is taken, or the folder in use, and leaves nothing behind", async () => {
    const folder = newFolder();
    const first = start(0, folder);
    const port = Number(new URL(await first.url).port);
    const second = start(port);
    expect(await second.exitCode).toBe(1);
    expect(second.output().trim()).toBe(
      `Port ${port} on 127.0.0.1 is taken. Choose another one, for example: PORT=${port + 1}`,
    );
    const processes = backendProcesses(folder);
    const third = start(0, folder);
    expect(await third.exitCode).toBe(1);
    expect(third.output().trim()).toMatch(/^[^\n]*DATA_DIR=another-folder$/);
    expect(backendProcesses(folder)).toEqual(processes);
  });
});
