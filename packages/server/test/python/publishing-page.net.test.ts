// The Python of docs/publishing.md, as it stands there, against a real hub that loses answers.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createHub } from "@throughline/server";
import { createMemoryLog, parseStreamName } from "@throughline/server/log";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listen, stopServer } from "../hub/running-hub.js";

const page = readFileSync(new URL("../../../../docs/publishing.md", import.meta.url), "utf8");
const programs = [...page.matchAll(/^```python\n# (\w+\.py)\n([\s\S]*?)^```$/gm)];
const folder = mkdtempSync(join(tmpdir(), "throughline-python-"));
// Set by scripts/test.mjs, which makes one where it can, and says so loudly where it cannot.
const python = process.env["PYTHON_PATH"] ?? "";

/** What to do with a request: lose its answer after the hub gave it, or answer in its place. */
type Mishap = "answer lost" | 503 | 429;

let server: Server;
let url: string;
let mishaps: Mishap[];
let log: ReturnType<typeof createMemoryLog>;
let keys: (string | undefined)[];

beforeAll(() => {
  for (const [, name = "", text = ""] of programs) writeFileSync(join(folder, name), text);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  mishaps = [];
  keys = [];
  log = createMemoryLog();
  const hub = createHub({ log });
  server = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"] as string | undefined);
    const mishap = mishaps.shift();
    if (typeof mishap === "number") {
      response.writeHead(mishap, { "retry-after": "0" }).end();
      return;
    }
    if (mishap === "answer lost") response.end = () => response.destroy();
    hub.handleNode(request, response);
  });
  url = `http://127.0.0.1:${await listen(server)}`;
});

afterEach(() => stopServer(server));

/** Runs a program beside those of the page, and resolves with what it printed, as JSON. */
async function run(program: string): Promise<unknown> {
  const env = { ...process.env, THROUGHLINE_URL: url, PYTHONDONTWRITEBYTECODE: "1" };
  const options = { cwd: folder, env, timeout: 50_000 };
  const { stdout } = await promisify(execFile)(python, ["-c", program], options);
  return JSON.parse(stdout);
}

async function stored(stream: string): Promise<readonly object[]> {
  const result = await log.read(parseStreamName(stream), { after: 0, limit: 100, maxBytes: 1e6 });
  if (result.kind === "gap") throw new Error("a gap");
  return result.events.map(({ type, data, topic }) => ({ type, data, topic }));
}

const PUBLISH = `
import json
from throughline_publish import hub_session, publish, Refused
session = hub_session()
`;
const EAGER = `
import json
from tasks import announce, app, publish_alert
app.conf.task_always_eager = True
`;

describe("docs/publishing.md", () => {
  it("names the file of every Python program, so that this test finds it", () => {
    expect(programs.map(([, name]) => name)).toEqual([
      "throughline_publish.py",
      "tasks.py",
      "nightly_import.py",
    ]);
    expect(page.match(/^```python$/gm)).toHaveLength(programs.length);
  });
});

// Where there is no Python with requests and celery, and none can be installed.
describe.skipIf(python === "")("the Python of docs/publishing.md", () => {
  it("publishes an event, and is told its cursor", async () => {
    const answer = await run(
      `${PUBLISH}print(json.dumps(publish(session, "feed", {"n": 1}, type="a", topic="ward/42")))`,
    );
    expect(answer).toMatchObject({ cursors: { length: 1 }, duplicates: [] });
    expect(await stored("feed")).toEqual([{ type: "a", data: '{"n":1}', topic: "ward/42" }]);
  });

  it("tries again with the same key, and the event is stored once", async () => {
    mishaps = ["answer lost", 503, "answer lost", 429];
    const answer = await run(`${PUBLISH}print(json.dumps(publish(session, "feed", "once")))`);
    expect(answer).toMatchObject({ duplicates: [0] });
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(1);
    expect(await stored("feed")).toHaveLength(1);
  });

  it("does not try again what is refused", async () => {
    const answer = await run(`${PUBLISH}
try:
    publish(session, "feed", "x", type="throughline.end")
except Refused as error:
    print(json.dumps(str(error)[:3]))
`);
    expect(answer).toBe("400");
    expect(keys).toHaveLength(1);
  });

  it("publishes from a Celery task once, though the task was tried several times", async () => {
    mishaps = ["answer lost", 503, "answer lost"];
    const answer = await run(`${EAGER}print(json.dumps(announce(42, "flood").get()))`);
    expect(answer).toMatchObject({ duplicates: [0] });
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(await stored("feed")).toEqual([
      { type: "alert", data: '{"ward":42,"text":"flood"}', topic: "ward/42" },
    ]);
  });

  it("publishes from two calls twice", async () => {
    await run(`${EAGER}announce(1, "a")\nannounce(1, "a")\nprint(json.dumps(1))`);
    expect(await stored("feed")).toHaveLength(2);
  });

  it("imports in order and once, and gives way to a later import", async () => {
    mishaps = ["answer lost", 503];
    const answer = await run(`
import json
from nightly_import import import_rows
from throughline_publish import Refused
import_rows([str(n) for n in range(5)], batch_size=2, epoch=7)
import_rows(["later"], epoch=8)
try:
    import_rows(["late"], epoch=7)
except Refused as error:
    print(json.dumps("producer-fenced" in str(error)))
`);
    expect(answer).toBe(true);
    const data = (await stored("imports")).map((event) => (event as { data: string }).data);
    expect(data).toEqual(["0", "1", "2", "3", "4", "later"]);
  });
});
