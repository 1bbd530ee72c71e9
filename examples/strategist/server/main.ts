// Starts the strategist example: `node dist/server/main.js`, with PORT, HOST and DATA_DIR from the
// environment.

import { fileURLToPath } from "node:url";
import { startApp } from "./app.js";

const DEFAULT_PORT = 8080;
const SEED = 20_261_207;

await main();

async function main(): Promise<void> {
  const host = process.env["HOST"] ?? "127.0.0.1";
  const port = parsePort(process.env["PORT"]);
  if (port === undefined) {
    console.error(`PORT must be a number from 0 to 65535, got "${process.env["PORT"]}".`);
    process.exitCode = 1;
    return;
  }
  try {
    const app = await startApp({
      host,
      port,
      dataDirectory:
        process.env["DATA_DIR"] ??
        fileURLToPath(new URL("../../throughline-data", import.meta.url)),
      webRoot: fileURLToPath(new URL("../web", import.meta.url)),
      seed: SEED,
      onError: (error) => console.error("strategist example:", error),
    });
    console.log(`Throughline strategist example: ${app.url}`);
    process.once("SIGINT", () => shutDown(app.close));
    process.once("SIGTERM", () => shutDown(app.close));
  } catch (error) {
    console.error(explain(error, host, port));
    process.exitCode = 1;
  }
}

function shutDown(close: () => Promise<void>): void {
  close().catch((error: unknown) => {
    console.error("strategist example: closing failed:", error);
    process.exitCode = 1;
  });
}

/** An absent or empty variable means the default. */
function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
}

function explain(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host} is taken. Choose another one, for example: PORT=${port + 1}`;
  }
  if (code === "EACCES") return `Port ${port} on ${host} may not be used by this account.`;
  if (code === "store-locked") {
    return `${error instanceof Error ? error.message : code} To run a second one: DATA_DIR=another-folder`;
  }
  if (code === "EADDRNOTAVAIL") return `${host} is no address of this machine.`;
  return error instanceof Error ? error.message : String(error);
}
