// The gateway as it is installed: a process with a file, in front of a backend that streams.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subscribe } from "throughline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FakeBackend } from "../gateway/fake-backend.js";
import { CliProcess } from "./cli-process.js";

const running: CliProcess[] = [];
const backends: FakeBackend[] = [];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-gateway-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.kill()));
  await Promise.all(backends.splice(0).map((backend) => backend.stop()));
});

const FILE = `
identity: { cookies: [session] }
check: none
routes:
  - name: feed
    path: /feed
    isChecked: false
    fresh: { at: earliest }
    greetings: [{ type: connection }]
    kinds: [{ name: item, match: { type: item }, key: id }]
    upstream: { resume: { by: repetition } }
`;

function gateway(...argv: readonly string[]): CliProcess {
  const now = ["--port", "0", "--not-ready-ms", "0", "--drain-ms", "0"];
  const started = new CliProcess(["gateway", ...now, ...argv]);
  running.push(started);
  return started;
}

const item = (id: number) => ({ type: "item", id });

describe("throughline gateway", () => {
  it("carries what a backend streams to a reader once, across its own restart, and ends with 0", async () => {
    const backend = await new FakeBackend().start();
    backends.push(backend);
    backend.greeting = [{ type: "connection" }, item(1), item(2)];
    const file = join(folder, "gateway.yaml");
    writeFileSync(file, FILE);
    const argv = [
      "--config",
      file,
      "--upstream",
      backend.origin,
      "--data-dir",
      join(folder, "log"),
    ];
    const first = gateway(...argv);
    const url = await first.url();
    const seen: unknown[] = [];
    const read = async (count: number, from: string, lastEventId?: string) => {
      const headers = { cookie: "session=s1" };
      for await (const event of subscribe(`${from}/feed`, { headers, lastEventId })) {
        const payload = JSON.parse(event.data) as { readonly type: string; readonly id: number };
        if (payload.type === "item") seen.push(payload.id);
        if (seen.length === count) return event.lastEventId;
      }
      return "";
    };
    const cursor = await read(2, url);
    first.signal("SIGTERM");
    expect(await first.exitCode).toBe(0);
    backend.greeting = [{ type: "connection" }, item(1), item(2), item(3)];
    const second = gateway(...argv);
    await read(3, await second.url(), cursor);
    expect(seen).toEqual([1, 2, 3]);
    expect(await (await fetch(`${await second.url()}/elsewhere`)).text()).toBe("GET /elsewhere");
    second.signal("SIGINT");
    expect(await second.exitCode).toBe(0);
  });

  it("names in one line each what it cannot use, and ends with 1", async () => {
    const file = join(folder, "wrong.yaml");
    writeFileSync(file, "routes: [{ name: a, path: /a, upstream: { silenceMs: 10s } }]");
    const wrong = gateway("--config", file, "--upstream", "http://127.0.0.1:1");
    expect(await wrong.exitCode).toBe(1);
    expect(wrong.stderr).toBe(
      `throughline gateway: File ${file}: routes[0].upstream.silenceMs: expected an integer from ` +
        '100 to 86400000, or never; got "10s".\n',
    );
    const nowhere = gateway();
    expect(await nowhere.exitCode).toBe(1);
    expect(nowhere.stderr).toContain("--upstream http://127.0.0.1:5000; got nothing.\n");
    expect(wrong.stdout + nowhere.stdout).toBe("");
  });
});
