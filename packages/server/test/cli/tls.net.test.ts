// `throughline serve` with a certificate: HTTPS without anything in front.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SERVER_LIMITS } from "../../src/hub/index.js";
import { type CertificateFiles, writeCertificate } from "./certificate.js";
import { CliProcess } from "./cli-process.js";

/** As long as the head of a request may take. */
const HANDSHAKE_MS = SERVER_LIMITS.headersTimeout;

const running: CliProcess[] = [];
const sessions: ClientHttp2Session[] = [];

function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const started = new CliProcess(argv, environment);
  running.push(started);
  return started;
}

/** A hub on a port of its own that shuts down without delay. */
function serve(...argv: readonly string[]) {
  return serveUntil({ drainMs: 0 }, ...argv);
}

/** The same, with time for its readers to leave. */
function serveUntil({ drainMs }: { readonly drainMs: number }, ...argv: readonly string[]) {
  const times = ["--not-ready-ms", "0", "--drain-ms", String(drainMs)];
  return start(["serve", "--log", "memory", "--port", "0", ...times, ...argv]);
}

let folder: string;
let files: CertificateFiles;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "throughline-tls-"));
  files = await writeCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(running.splice(0).map((started) => started.kill()));
});

const secured = ({ certPath, keyPath }: CertificateFiles) => [
  ...["--tls-cert", certPath],
  ...["--tls-key", keyPath],
];

function openHttp2(url: string, ca: string): ClientHttp2Session {
  const session = connect(url, { ca });
  // What ends them is looked at where it matters.
  session.on("error", () => {});
  sessions.push(session);
  return session;
}

/** Asks over HTTP/2. Resolves with the status, and what has come when it ends or contains `wanted`. */
async function ask(session: ClientHttp2Session, path: string, wanted?: string) {
  const stream = session.request({ ":path": path });
  const [headers] = (await once(stream, "response")) as [Readonly<Record<string, unknown>>];
  let body = "";
  for await (const text of stream.setEncoding("utf8")) {
    body += text;
    if (wanted !== undefined && body.includes(wanted)) break;
  }
  return { status: headers[":status"], headers, body };
}

/** The certificate that a server shows, as a fingerprint. */
async function fingerprintOf(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe("a hub with a certificate", () => {
  it("serves the same streams over HTTP/2 and over HTTP/1.1", async () => {
    const url = await serve(...secured(files)).url();
    expect(url).toMatch(/^https:/);
    const trusting = { THROUGHLINE_URL: url, NODE_EXTRA_CA_CERTS: files.certPath };
    // The client of the command speaks HTTP/1.1.
    expect(await start(["publish", "feed", "by-1.1"], trusting).exitCode).toBe(0);
    const tail = start(["tail", "feed", "--cursor", "earliest", "--limit", "1"], trusting);
    expect([await tail.exitCode, tail.stdout]).toEqual([0, "by-1.1\n"]);
    const session = openHttp2(url, files.cert);
    const two = await Promise.all(
      [1, 2].map(() => ask(session, "/streams/feed?cursor=earliest", "by-1.1")),
    );
    expect(two.map(({ status }) => status)).toEqual([200, 200]);
    expect(two[0]?.headers["content-type"]).toContain("text/event-stream");
    expect(session.alpnProtocol).toBe("h2");
  });

  it("answers its operators over HTTP/2, too", async () => {
    const url = await serve(...secured(files)).url();
    const { status, body } = await ask(openHttp2(url, files.cert), "/healthz");
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ ok: true })]);
  });

  it("has the limits of the hub on HTTP/2", async () => {
    const url = await serve(...secured(files), "--max-connections", "1").url();
    const session = openHttp2(url, files.cert);
    const first = session.request({ ":path": "/streams/feed" });
    await once(first, "response");
    const { status, headers } = await ask(session, "/streams/feed");
    expect([status, Number(headers["retry-after"]) >= 2]).toEqual([503, true]);
    expect((await settingsOf(session)).maxConcurrentStreams).toBe(100);
  });

  it("tells and ends its readers on HTTP/2, and ends with 0, although a connection stays open", async () => {
    const hub = serve(...secured(files));
    const session = openHttp2(await hub.url(), files.cert);
    const stream = session.request({ ":path": "/streams/feed" });
    await once(stream, "response");
    const goaway = once(session, "goaway");
    const silent = connectTls({ port: Number(new URL(await hub.url()).port), ca: files.cert });
    silent.on("error", () => {});
    await once(silent, "secureConnect");
    let text = "";
    const ended = once(stream.setEncoding("utf8"), "end");
    stream.on("data", (part: string) => {
      text += part;
    });
    hub.signal("SIGTERM");
    await Promise.all([ended, goaway]);
    expect(text).toContain("event: throughline.drain");
    expect([await hub.exitCode, hub.stderr]).toEqual([0, ""]);
    silent.destroy();
  });

  it("asks for no more requests as soon as it shuts down, while streams go on", async () => {
    const hub = serveUntil({ drainMs: 50_000 }, ...secured(files));
    const session = openHttp2(await hub.url(), files.cert);
    const stream = session.request({ ":path": "/streams/feed" });
    await once(stream, "response");
    const goaway = once(session, "goaway");
    const begunMs = performance.now();
    hub.signal("SIGTERM");
    await goaway;
    // Streams are ended in the second half of the time.
    expect(performance.now() - begunMs).toBeLessThan(20_000);
    stream.close();
    expect(await hub.exitCode).toBe(0);
  });

  it("does not wait for a handshake for ever", async () => {
    const { port } = new URL(await serve(...secured(files)).url());
    const begunMs = performance.now();
    const silent = connectTcp(Number(port), "127.0.0.1");
    silent.on("error", () => {});
    await once(silent.resume(), "close");
    const tookMs = performance.now() - begunMs;
    // Node itself would wait for two minutes.
    expect(tookMs).toBeGreaterThan(HANDSHAKE_MS - 500);
    expect(tookMs).toBeLessThan(3 * HANDSHAKE_MS);
  });

  it("shows a renewed certificate after SIGHUP, and keeps it where the next cannot be used", async () => {
    const own = mkdtempSync(join(folder, "renewed-"));
    const hub = serve(...secured(await writeCertificate(own)));
    const url = await hub.url();
    const before = await fingerprintOf(url);
    await writeCertificate(own);
    hub.signal("SIGHUP");
    await hub.until(() => hub.lines("certificate-read")[0]);
    const after = await fingerprintOf(url);
    expect(after).not.toBe(before);
    writeFileSync(join(own, "cert.pem"), "no certificate");
    hub.signal("SIGHUP");
    const refused = await hub.until(() => hub.lines("certificate-refused")[0]);
    expect(refused["reason"]).toContain("tlsCert and tlsKey");
    expect(await fingerprintOf(url)).toBe(after);
  });
});

describe("a certificate that cannot be used", () => {
  it.each([
    [["--tls-cert", "x"], 'Setting "tlsCert": expected "tlsKey" beside it'],
    [["--tls-key", "x"], 'Setting "tlsKey": expected "tlsCert" beside it'],
    [["--tls-cert", "/nowhere", "--tls-key", "x"], 'Setting "tlsCert": expected a file that can'],
  ])("is named in one line: %j", async (argv, said) => {
    const refused = serve(...argv);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(said);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("because the key is another one's, is refused without a word of either", async () => {
    const other = await writeCertificate(mkdtempSync(join(folder, "other-")));
    const refused = serve("--tls-cert", files.certPath, "--tls-key", other.keyPath);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("Settings tlsCert and tlsKey: expected a certificate and its");
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(refused.stderr).not.toContain("BEGIN");
  });
});

async function settingsOf(session: ClientHttp2Session) {
  if (session.remoteSettings.maxConcurrentStreams === undefined) {
    await once(session, "remoteSettings");
  }
  return session.remoteSettings;
}
