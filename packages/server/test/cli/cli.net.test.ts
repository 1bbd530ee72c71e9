// The command line as it is installed: processes, sockets, signals.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../hub/running-hub.js";
import { parseMetrics } from "../operations/parse-metrics.js";
import { CliProcess } from "./cli-process.js";

const running: CliProcess[] = [];

function start(
  argv: readonly string[],
  environment?: Readonly<Record<string, string>>,
): CliProcess {
  const started = new CliProcess(argv, environment);
  running.push(started);
  return started;
}

/** A hub on a port of its own that shuts down without delay. */
function serve(...argv: readonly string[]): CliProcess {
  const now = ["--port", "0", "--not-ready-ms", "0", "--drain-ms", "0"];
  return start(["serve", "--log", "memory", ...now, ...argv]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.kill()));
});

/** Resolves when a request is answered as wanted. */
async function answered(url: string, status: number): Promise<Response> {
  for (;;) {
    const response = await fetch(url);
    if (response.status === status) return response;
    await response.text();
  }
}

describe("serve, publish and tail", () => {
  it("carry events from a command line to another, with cursors and types", async () => {
    const url = await serve().url();
    const environment = { THROUGHLINE_URL: url };
    const first = start(["publish", "ward/42", "hello", "--type", "alert"], environment);
    expect(await first.exitCode).toBe(0);
    const [cursor = ""] = first.stdout.split("\n");
    expect(cursor).toMatch(/^[a-z0-9]+\.1$/);
    const tail = start(["tail", "ward/42", "--url", url, "--cursor", "earliest", "--json"]);
    await tail.until(() => (tail.stdout.includes("hello") ? true : undefined));
    const second = start(["publish", "ward/42", "again"], environment);
    expect(await second.exitCode).toBe(0);
    await tail.until(() => (tail.stdout.includes("again") ? true : undefined));
    tail.signal("SIGTERM");
    expect(await tail.exitCode).toBe(0);
    const events = tail.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(events).toEqual([
      { cursor, type: "alert", data: "hello" },
      { cursor: cursor.replace(/1$/, "2"), type: "message", data: "again" },
    ]);
    expect(tail.stderr).toBe("");
  });

  it("take events line by line from standard input, with the options as defaults", async () => {
    const url = await serve().url();
    const publish = start(["publish", "feed", "-", "--url", url, "--topic", "a"]);
    const lines = Array.from({ length: 1201 }, (_, index) => JSON.stringify({ data: `${index}` }));
    lines.splice(600, 0, '{"data":"other","topic":"b"}', "");
    publish.feed(lines.join("\r\n"));
    expect(await publish.exitCode).toBe(0);
    expect(publish.stdout.trim().split("\n")).toHaveLength(1202);
    const all = ["--url", url, "--cursor", "earliest"];
    const tail = start(["tail", "feed", ...all, "--topics", "a", "--limit", "1201"]);
    expect(await tail.exitCode).toBe(0);
    expect(tail.stdout).toBe(Array.from({ length: 1201 }, (_, index) => `${index}\n`).join(""));
    const other = start(["tail", "feed", ...all, "--topics", "b", "--limit", "1"]);
    expect([await other.exitCode, other.stdout]).toEqual([0, "other\n"]);
  });

  it.each([
    ["not json", "Line 2 of the input is not JSON."],
    ["[]", "Line 2 of the input: expected an object"],
  ])("refuse a line that is no event, by its number: %s", async (line, said) => {
    const url = await serve().url();
    const publish = start(["publish", "feed", "-", "--url", url]);
    publish.feed(`{"data":"1"}\n${line}\n`);
    expect(await publish.exitCode).toBe(1);
    expect(publish.stderr).toContain(said);
    expect(publish.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("tell in one line why the hub refused an event, without showing it", async () => {
    const url = await serve("--max-event-bytes", "20").url();
    const publish = start(["publish", "feed", "secret".repeat(9), "--url", url]);
    expect(await publish.exitCode).toBe(1);
    expect(publish.stderr).toBe(
      "throughline publish: The hub answered 413: events[0] is too large. Publish a reference to " +
        "it instead. Expected at most 20 bytes. Got 93 bytes.\n",
    );
  });

  it("say that no hub is there", async () => {
    const server = createServer();
    const port = await listen(server as never);
    await new Promise((resolve) => server.close(resolve));
    const publish = start([
      "publish",
      "feed",
      "x",
      "--deadline-ms",
      "700",
      "--url",
      `http://127.0.0.1:${port}`,
    ]);
    expect(await publish.exitCode).toBe(1);
    expect(publish.stderr).toContain("ECONNREFUSED");
  });

  it("try again until the hub is there, and store the event once", async () => {
    const store = ["serve", "--data-dir", join(folder, "late")];
    const first = start([...store, "--port", "0"]);
    const url = await first.url();
    await first.kill();
    const publish = start(["publish", "feed", "x", "--url", url]);
    const again = start([...store, "--port", new URL(url).port]);
    await again.url();
    expect([await publish.exitCode, publish.stdout]).toEqual([0, expect.stringMatching(/\.1\n$/)]);
  });

  it("show a gap on standard error and in the exit code", async () => {
    const url = await serve("--max-events", "2").url();
    const publish = start(["publish", "feed", "-", "--url", url]);
    publish.feed('{"data":"1"}\n');
    expect(await publish.exitCode).toBe(0);
    const [cursor = ""] = publish.stdout.split("\n");
    for (const data of ["2", "3", "4", "5"]) {
      expect(await start(["publish", "feed", data, "--url", url]).exitCode).toBe(0);
    }
    const tail = start(["tail", "feed", "--url", url, "--cursor", cursor, "--limit", "2"]);
    expect(await tail.exitCode).toBe(3);
    expect(tail.stdout).toBe("4\n5\n");
    expect(tail.stderr).toBe(
      "throughline tail: gap: events 2 to 3 cannot be had any more (trimmed).\n",
    );
  });

  it("show a token from the environment to the hub, and to nobody else", async () => {
    const shown: (string | undefined)[] = [];
    const { createServer: createHttpServer } = await import("node:http");
    const server = createHttpServer((request, response) => {
      shown.push(request.headers.authorization);
      response.writeHead(201).end('{"cursors":["e.1"]}');
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const argv = ["publish", "feed", "x", "--url", url];
    const as = [{ THROUGHLINE_TOKEN: "t-1" }, { MINE: "t-2" }] as const;
    expect(await start(argv, as[0]).exitCode).toBe(0);
    expect(await start([...argv, "--token-env", "MINE"], as[1]).exitCode).toBe(0);
    const broken = start(argv, { THROUGHLINE_TOKEN: "hunter2\n" });
    expect(await broken.exitCode).toBe(1);
    expect(broken.stderr).not.toContain("hunter2");
    server.close();
    expect(shown).toEqual(["Bearer t-1", "Bearer t-2"]);
  });
});

describe("serve", () => {
  it("keeps everything in a directory unless it is told otherwise, also when it is killed", async () => {
    const store = ["serve", "--port", "0", "--data-dir", join(folder, "store")];
    const first = start(store);
    const publish = start(["publish", "feed", "kept", "--url", await first.url()]);
    expect(await publish.exitCode).toBe(0);
    await first.kill();
    const url = await start(store).url();
    const tail = start(["tail", "feed", "--url", url, "--cursor", "earliest", "--limit", "1"]);
    expect([await tail.exitCode, tail.stdout]).toEqual([0, "kept\n"]);
  });

  it("says in one line that the directory is in use, and ends with 1", async () => {
    const store = ["serve", "--port", "0", "--data-dir", join(folder, "shared")];
    await start(store).url();
    const second = start(store);
    expect(await second.exitCode).toBe(1);
    expect([second.stdout, second.stderr.trim().split("\n").length]).toEqual(["", 1]);
  });

  it("closes its directory in good order, so that the next one goes on in the same epoch", async () => {
    const quick = ["--not-ready-ms", "0", "--drain-ms", "0"];
    const store = ["serve", "--port", "0", ...quick, "--data-dir", join(folder, "closed")];
    const cursors: string[] = [];
    for (const data of ["1", "2"]) {
      const hub = start(store);
      const publish = start(["publish", "feed", data, "--url", await hub.url()]);
      expect(await publish.exitCode).toBe(0);
      cursors.push(publish.stdout.trim());
      hub.signal("SIGTERM");
      expect([await hub.exitCode, hub.stderr]).toEqual([0, ""]);
    }
    expect(cursors[1]).toBe(cursors[0]?.replace(/1$/, "2"));
  });

  it("answers its operators on this machine, and counts what happens", async () => {
    const hub = serve();
    const url = await hub.url();
    await answered(`${url}/readyz`, 200);
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ ok: true });
    await start(["publish", "feed", "x", "--url", url]).exitCode;
    const samples = parseMetrics(await (await fetch(`${url}/metrics`)).text());
    expect(samples["throughline_events_published_total"]).toBe(1);
    expect(samples['throughline_healthy{part="tail"}']).toBe(1);
    expect(samples["process_cpu_seconds_total"]).toBeGreaterThan(0);
    const passedOn = await fetch(`${url}/metrics`, { headers: { "x-forwarded-for": "10.1.1.1" } });
    expect(passedOn.status).toBe(404);
  });

  it("answers them on a port of their own alone, where there is one", async () => {
    const path = join(folder, "hub.yaml");
    writeFileSync(path, "adminPort: 0\nmetricsToken: sixteen-or-more-characters\n");
    const hub = serve("--config", path);
    const [url, admin] = [await hub.url(), await hub.url("admin-listening")];
    expect((await fetch(`${url}/readyz`)).status).toBe(404);
    await answered(`${admin}/readyz`, 200);
    expect((await fetch(`${admin}/metrics`)).status).toBe(401);
    const authorization = "Bearer sixteen-or-more-characters";
    expect((await fetch(`${admin}/metrics`, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(`${admin}/streams/feed`)).status).toBe(404);
    expect(hub.stdout).not.toContain("sixteen-or-more");
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "goes in good order at %s: not ready, readers told, ended, and 0",
    async (signal) => {
      const argv = [
        "--log",
        "memory",
        "--port",
        "0",
        "--not-ready-ms",
        "1500",
        "--drain-ms",
        "300",
      ];
      const hub = start(["serve", ...argv]);
      const url = await hub.url();
      await answered(`${url}/readyz`, 200);
      const reader = await fetch(`${url}/streams/feed`);
      const text = reader.text();
      hub.signal(signal);
      const readiness = await answered(`${url}/readyz`, 503);
      expect(await readiness.json()).toMatchObject({ parts: { serving: { ok: false } } });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await text).toContain("event: throughline.drain");
      expect(await hub.exitCode).toBe(0);
      expect(hub.lines("connection-closed")).toMatchObject([
        { stream: "feed", reason: "requested" },
      ]);
      expect(hub.lines("stopped")).toHaveLength(1);
      expect(hub.stderr).toBe("");
    },
  );

  it("goes at once at a second signal", async () => {
    const hub = start(["serve", "--log", "memory", "--port", "0", "--not-ready-ms", "600000"]);
    await hub.url();
    hub.signal("SIGTERM");
    await hub.until(() => hub.lines("stopping")[0]);
    hub.signal("SIGTERM");
    expect(await hub.exitCode).toBe(1);
  });

  it("says in one line that a port is taken, and what to do", async () => {
    const { port } = new URL(await serve().url());
    const second = start(["serve", "--log", "memory", "--port", port]);
    expect(await second.exitCode).toBe(1);
    expect(second.stderr).toBe(
      `throughline serve: Port ${port} on 127.0.0.1 is taken. Choose another one, for example: ` +
        `--port ${Number(port) + 1}\n`,
    );
  });

  it("says the same of the operators' port, and keeps nothing open", async () => {
    const { port } = new URL(await serve().url());
    const second = serve("--admin-port", port);
    expect(await second.exitCode).toBe(1);
    expect(second.stderr.trim().split("\n")).toHaveLength(1);
    expect(second.stderr).toContain(`Port ${port}`);
  });

  it("refuses settings in one line each, and ends with 1", async () => {
    const hub = start(["serve", "--lease-ms", "5"], { PORT: "http" });
    expect(await hub.exitCode).toBe(1);
    expect(hub.stderr.trim().split("\n")).toHaveLength(2);
  });

  it("does not listen where others can reach it, unless it is told so in plain words", async () => {
    const shut = serve("--host", "0.0.0.0");
    expect(await shut.exitCode).toBe(1);
    expect(shut.stderr.trim().split("\n")).toHaveLength(1);
    const open = serve("--host", "0.0.0.0", "--allow-anyone-to-read-and-publish");
    const { port } = new URL(await open.url());
    expect((await fetch(`http://127.0.0.1:${port}/streams/feed`, { method: "HEAD" })).status).toBe(
      200,
    );
  });
});
