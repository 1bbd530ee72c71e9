// The doctor over TLS: what ALPN agrees on, and certificates that are not believed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CertificateFiles, writeCertificate } from "../cli/certificate.js";
import { CliProcess } from "../cli/cli-process.js";

let folder: string;
let files: CertificateFiles;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "throughline-doctor-"));
  files = await writeCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const running: CliProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.kill()));
});

function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const started = new CliProcess(argv, environment);
  running.push(started);
  return started;
}

function serve() {
  const now = ["--port", "0", "--not-ready-ms", "0", "--drain-ms", "0", "--log", "memory"];
  return start(["serve", ...now, "--tls-cert", files.certPath, "--tls-key", files.keyPath]);
}

describe("the doctor over TLS", () => {
  it("speaks HTTP/2 with a hub that can, and opens all streams on one connection", async () => {
    const url = `${await serve().url()}/streams/feed`;
    const argv = ["doctor", url, "--json", "--idle", "2", "--streams", "20"];
    const doctor = start(argv, { NODE_EXTRA_CA_CERTS: files.certPath });
    expect(await doctor.exitCode).toBe(0);
    const { findings, observation } = JSON.parse(doctor.stdout);
    expect(observation.opening.last.httpVersion).toBe("2");
    expect(observation.streams).toMatchObject({ asked: 20, answered: 20, httpVersion: "2" });
    expect(observation.lease).toMatchObject({ kind: "answered", isSound: true });
    expect(findings.filter(({ severity }: { severity: string }) => severity !== "ok")).toEqual([]);
  });

  it("says that a certificate is not believed, and how it could be", async () => {
    const url = `${await serve().url()}/streams/feed`;
    const doctor = start(["doctor", url, "--idle", "1"]);
    expect(await doctor.exitCode).toBe(2);
    expect(doctor.stdout).toContain("The certificate is not believed");
    expect(doctor.stdout).toContain("NODE_EXTRA_CA_CERTS");
  });
});
