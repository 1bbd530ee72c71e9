// `throughline serve --workers 2`: real processes on one port, and one log.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parseMetrics } from "../../operations/parse-metrics.js";
import { writeCertificate } from "../certificate.js";
import { CliProcess } from "../cli-process.js";
import {
  ask,
  gone,
  openAtBoth,
  openMany,
  pidOf,
  publish,
  read,
  serve,
  serving,
  start,
} from "./stage.js";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "throughline-workers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function metricsOf(address: string) {
  return parseMetrics((await ask(`${address}/metrics`)).body);
}

/** Repeats a question until the answer is as wanted. */
async function eventually<T>(question: () => Promise<T>, isWanted: (answer: T) => boolean) {
  for (;;) {
    const answer = await question();
    if (isWanted(answer)) return answer;
  }
}

/** One for all tests that neither set it up nor end it, each with streams of its own. */
let shared: CliProcess;
let url: string;
/** A request whose head never ends, and what comes of it. */
let slow: Promise<string>;
beforeAll(async () => {
  shared = new CliProcess(serving());
  url = await shared.url();
  slow = beginSlowly(url);
});
afterAll(() => shared.kill());

async function beginSlowly(at: string): Promise<string> {
  const { hostname, port } = new URL(at);
  const socket = connect(Number(port), hostname);
  socket.write("GET /streams/feed HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += String(chunk);
  return text;
}

describe("a hub of two processes", () => {
  it("delivers what is published to either to the readers of both, in one order", async () => {
    const stream = `${url}/streams/order`;
    const all = await openAtBoth(stream, 4);
    await Promise.all(Array.from({ length: 40 }, (_, index) => publish(stream, `<${index}>`)));
    const last = await publish(stream, "<last>");
    const { cursors } = JSON.parse(last.body) as { cursors: string[] };
    expect(cursors[0]).toMatch(/\.41$/);
    const told = await Promise.all(
      all.map(async (reader) => {
        await reader.until("<last>");
        return reader.text().match(/^(?:id|data): .*(?:\d|>)$/gm);
      }),
    );
    // The cursor of the greeting, then that and the data of each event.
    expect(told[0]).toHaveLength(1 + 2 * 41);
    for (const each of told) expect(each).toEqual(told[0]);
  });

  it("gives each of them the same share of the connections, also of those that stay open", async () => {
    const open = async () => (await metricsOf(url))['throughline_connections{state="live"}'];
    await eventually(open, (count) => count === 0);
    const all = await openMany(`${url}/streams/shares`, 20);
    const [first] = all;
    // Operators' questions take turns as well, and may be where the next reader is not.
    const ofFirst = all.filter(({ hub }) => hub === first?.hub);
    expect(Math.abs(ofFirst.length - 10)).toBeLessThanOrEqual(1);
    // Those that leave make room: the next ones come to whoever has fewer.
    for (const reader of ofFirst) reader.close();
    await eventually(open, (count) => count === 20 - ofFirst.length);
    const next = await openMany(`${url}/streams/shares`, 6);
    expect(next.filter(({ hub }) => hub === first?.hub).length).toBeGreaterThanOrEqual(4);
  });

  it("continues a cursor of one at the other", async () => {
    const stream = `${url}/streams/cursor`;
    const { body } = await publish(stream, "1", "2", "3");
    const [cursor] = (JSON.parse(body) as { cursors: string[] }).cursors;
    const all = await openAtBoth(`${stream}?cursor=${cursor}`, 2);
    for (const reader of all) {
      await reader.until("data: 3\n");
      expect(reader.text().match(/^data: \d$/gm)).toEqual(["data: 2", "data: 3"]);
    }
  });

  it("renews a lease at whichever of them is asked, and knows a connection that is over", async () => {
    const stream = `${url}/streams/lease`;
    const all = await openAtBoth(stream, 2);
    await publish(stream, "x");
    for (const { leaseUrl, until } of all) {
      await until("data: x\n");
      // Each over a connection of its own: they come to one and the other in turn.
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => ask(leaseUrl, "POST", "", "text/plain")),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(JSON.parse(answers[0]?.body ?? "")).toEqual({
        head: expect.stringMatching(/\.1$/) as unknown,
        sent: expect.stringMatching(/\.1$/) as unknown,
      });
    }
    for (const { leaseUrl } of all) {
      const over = leaseUrl.replace(/[^/]+$/, "no-such-connection");
      const statuses = [await ask(over, "POST"), await ask(over, "POST")];
      expect(statuses.map(({ status }) => status)).toEqual([404, 404]);
    }
  });

  it("takes the same event once, whichever of them it is published to again", async () => {
    const stream = `${url}/streams/ids`;
    const again = () => ask(stream, "POST", '{"data":"x","id":"same"}');
    const answers = [await again(), await again(), await again(), await again()];
    const cursors = answers.map(
      ({ body }) => JSON.parse(body) as { cursors: string[]; duplicates: number[] },
    );
    expect(cursors.map(({ duplicates }) => duplicates)).toEqual([[], [0], [0], [0]]);
    expect(new Set(cursors.map((each) => each.cursors[0])).size).toBe(1);
  });

  it("has one limit of connections", async () => {
    const stream = `${await serve("--max-connections", "4").url()}/streams/feed`;
    const all = await openMany(stream, 4);
    expect(new Set(all.map(({ hub }) => hub)).size).toBe(2);
    // The two may need a moment to tell each other.
    const refused = await eventually(
      async () => {
        const reader = await read(stream);
        if (reader.status === 200) reader.close();
        return reader;
      },
      ({ status }) => status !== 200,
    );
    expect(refused.status).toBe(503);
    all[0]?.close();
    await eventually(
      () => read(stream),
      ({ status }) => status === 200,
    );
  });

  it("shows its numbers as one hub, whichever process is asked", async () => {
    const published = "throughline_events_published_total";
    const before = (await metricsOf(url))[published] ?? 0;
    for (let count = 0; count < 4; count += 1) await publish(`${url}/streams/numbers`, "x");
    for (let count = 0; count < 3; count += 1) {
      const { [published]: after, ...rest } = await metricsOf(url);
      expect(after).toBe(before + 4);
      expect(rest['throughline_workers{state="ready"}']).toBe(2);
    }
  });

  it("keeps the time limit of a request's head, although its workers do not listen themselves", async () => {
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("goes on when nobody reads its lines any more", async () => {
    const hub = serve();
    const unread = await hub.url();
    const before = await openAtBoth(`${unread}/streams/feed`, 2);
    hub.stopReading();
    // Each of them is a line.
    for (let count = 0; count < 6; count += 1) await ask(`${unread}/nowhere`);
    await publish(`${unread}/streams/feed`, "still");
    for (const reader of before) await reader.until("data: still");
  });

  it("leaves no process behind when the first of them is killed, or told twice to stop", async () => {
    const killed = serve();
    await killed.url();
    const hurried = serve("--not-ready-ms", "600000");
    await hurried.url();
    const pids = await Promise.all(
      [killed, hurried].flatMap((hub) => [pidOf(hub, 1), pidOf(hub, 2)]),
    );
    await killed.kill();
    hurried.signal("SIGTERM");
    await hurried.until(() => hurried.lines("stopping")[0]);
    hurried.signal("SIGTERM");
    expect(await hurried.exitCode).toBe(1);
    await Promise.all(pids.map(gone));
  });

  it("does TLS and HTTP/2 in its workers, and shows a renewed certificate in each", async () => {
    const folder = makeFolder();
    const { certPath, keyPath, cert } = await writeCertificate(folder);
    const hub = serve("--tls-cert", certPath, "--tls-key", keyPath);
    const secure = await hub.url();
    const statuses = await Promise.all(
      [1, 2, 3].map(async () => {
        const session = connectHttp2(secure, { ca: cert });
        onTestFinished(() => session.destroy());
        const stream = session.request({ ":path": "/streams/feed" });
        return await new Promise((resolve, reject) => {
          stream.on("error", reject);
          stream.on("response", (headers) => resolve(headers[":status"]));
        });
      }),
    );
    expect(statuses).toEqual([200, 200, 200]);
    hub.signal("SIGHUP");
    await hub.until(() => (hub.lines("certificate-read").length === 2 ? true : undefined));
    expect(hub.lines("certificate-read").map(({ worker }) => worker)).toEqual(
      expect.arrayContaining([1, 2]),
    );
  });
});

describe("operators of a hub of two processes", () => {
  let hub: CliProcess;
  let admin: string;
  beforeAll(async () => {
    hub = new CliProcess(
      serving("--not-ready-ms", "300", "--drain-ms", "300", "--admin-port", "0"),
    );
    await hub.url();
    admin = await hub.url("admin-listening");
  });
  afterAll(() => hub.kill());

  it("are answered for all of it on a port of their own", async () => {
    const main = await hub.url();
    await eventually(
      () => ask(`${admin}/readyz`),
      ({ status }) => status === 200,
    );
    const { length } = await openAtBoth(`${main}/streams/feed`, 4);
    for (let count = 0; count < 4; count += 1) await publish(`${main}/streams/feed`, "x");
    const metrics = await eventually(
      () => metricsOf(admin),
      (samples) => samples["throughline_events_delivered_total"] === 4 * length,
    );
    expect(metrics).toMatchObject({
      throughline_events_published_total: 4,
      'throughline_connections{state="live"}': length,
      'throughline_workers{state="ready"}': 2,
      'throughline_healthy{part="append"}': 1,
    });
    expect(metrics["process_cpu_seconds_total"]).toBeGreaterThan(0);
    expect((await ask(`${admin}/healthz`)).status).toBe(200);
    expect((await ask(`${main}/metrics`)).status).toBe(404);
  });

  it("see that a worker is stuck, and readers do not come to it any more", async () => {
    const stream = `${await hub.url()}/streams/stuck`;
    const [reader] = await openAtBoth(stream, 2);
    const pid = await pidOf(hub, 1);
    process.kill(pid, "SIGSTOP");
    onTestFinished(() => void process.kill(pid, "SIGCONT"));
    const name = 'throughline_workers{state="not-ready"}';
    const before = await metricsOf(admin);
    const during = await eventually(
      () => metricsOf(admin),
      (metrics) => metrics[name] === 1,
    );
    // It does not answer, and what it had counted is counted all the same.
    const published = "throughline_events_published_total";
    expect(during[published]).toBeGreaterThanOrEqual(before[published] ?? 0);
    expect((await ask(`${admin}/readyz`)).status).toBe(200);
    const all = await openMany(stream, 6);
    expect(new Set(all.map((each) => each.hub)).size).toBe(1);
    await publish(stream, "still");
    for (const each of all) await each.until("data: still");
    process.kill(pid, "SIGCONT");
    await eventually(
      () => metricsOf(admin),
      (metrics) => metrics[name] === 0,
    );
    await reader?.until("data: still");
  });

  it("let the readers of both go in good order with SIGTERM, sent to all of its processes", async () => {
    const main = await hub.url();
    const pids = [await pidOf(hub, 1), await pidOf(hub, 2)];
    const all = await openAtBoth(`${main}/streams/other`, 4);
    for (const pid of pids) process.kill(pid, "SIGTERM");
    hub.signal("SIGTERM");
    await eventually(
      () => ask(`${admin}/readyz`),
      ({ status, body }) => status === 503 && body.includes("shutting down"),
    );
    for (const reader of all) await reader.until("event: throughline.drain");
    expect((await ask(`${main}/streams/feed`)).status).toBe(503);
    await Promise.all(all.map(({ ended }) => ended));
    expect(await hub.exitCode).toBe(0);
    await Promise.all(pids.map(gone));
    const closed = hub.lines("connection-closed").filter(({ stream }) => stream === "other");
    expect(new Set(closed.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    expect(closed.map(({ reason }) => reason)).toEqual(closed.map(() => "requested"));
    expect(hub.lines("worker-ended")).toEqual([]);
    expect(hub.lines("stopped")).toHaveLength(1);
    expect(hub.stderr).toBe("");
  });
});

describe("a call that cannot work", () => {
  it.each([
    ["a port that is taken", "Port "],
    ["a secret that cannot be read", "jwtSecretFile"],
    ["limits that contradict each other", "maxQueuedBytes"],
  ])("is refused in one line, with nothing left running: %s", async (what, said) => {
    const argv: string[] = [];
    if (what.includes("port")) argv.push("--port", new URL(url).port);
    if (what.includes("secret")) argv.push("--jwt-secret-file", join(makeFolder(), "missing"));
    if (what.includes("limits")) argv.push("--max-queued-bytes", "1");
    const hub = serve(...argv);
    expect(await hub.exitCode).toBe(1);
    expect(hub.stderr.trim().split("\n")).toHaveLength(1);
    expect(hub.stderr).toContain(said);
    expect(hub.lines("listening")).toEqual([]);
  });

  it("in a gateway, which is one process, says why", async () => {
    const path = join(makeFolder(), "gateway.yaml");
    writeFileSync(path, "upstream: http://127.0.0.1:1\nworkers: 2\n");
    const upstream = ["--upstream", "http://127.0.0.1:1"];
    const calls = [
      start(["gateway", ...upstream, "--workers", "2"]),
      start(["gateway", ...upstream, "--workers=2"]),
      start(["gateway", ...upstream], { THROUGHLINE_WORKERS: "2" }),
      start(["gateway", "--config", path]),
    ];
    for (const call of calls) {
      expect(await call.exitCode).toBe(1);
      expect(call.stderr).toBe(
        'throughline gateway: Setting "workers": a gateway is one process, because each stream of the ' +
          "backend is read once for all readers. Leave it out.\n",
      );
    }
  });
});
