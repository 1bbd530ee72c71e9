import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { listenNowhere } from "../../../src/cli/workers/listen-nowhere.js";

function stubTemporary(folder: string): void {
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

it("a server listens, and there is no address to come to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "throughline-nowhere-"));
  stubTemporary(folder);
  const server = createServer();
  await listenNowhere(server);
  expect(server.listening).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
  server.close();
  await once(server, "close");
  rmSync(folder, { recursive: true });
});

it("where nothing temporary can be written, it is said what to do", async () => {
  stubTemporary(join(tmpdir(), "no", "such", "folder"));
  await expect(listenNowhere(createServer())).rejects.toThrow(/no.such.folder.*ENOENT.*TMPDIR/);
});
