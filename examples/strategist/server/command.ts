// How the example is started as a command: PORT, HOST and DATA_DIR from the environment, one line
// once it listens, one line where it cannot start, and an end in good order.

/** A running example. */
export interface RunningExample {
  /** `http://host:port/`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where an example is to run. */
export interface Place {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Told of failures that nobody is waiting for. */
  readonly onError: (error: unknown) => void;
}

const DEFAULT_PORT = 8080;

/**
 * Starts an example and says where it is.
 *
 * @param dataDirectory where it keeps its data, unless DATA_DIR says otherwise
 */
export async function runCommand(
  dataDirectory: string,
  start: (place: Place) => Promise<RunningExample>,
): Promise<void> {
  const { HOST: host = "127.0.0.1", PORT, DATA_DIR } = process.env;
  const port = parsePort(PORT);
  if (port === undefined) {
    console.error(`PORT must be a number from 0 to 65535, got "${PORT}".`);
    process.exitCode = 1;
    return;
  }
  // Asked to end while it is starting, it ends once it has started.
  let close: (() => Promise<void>) | undefined;
  let isEnding = false;
  const end = () => {
    isEnding = true;
    if (close !== undefined) shutDown(close);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  try {
    const example = await start({
      host,
      port,
      dataDirectory: DATA_DIR ?? dataDirectory,
      onError: (error) => console.error("strategist example:", error),
    });
    close = once(example.close);
    if (isEnding) shutDown(close);
    else console.log(`Throughline strategist example: ${example.url}`);
  } catch (error) {
    console.error(explain(error, host, port));
    process.exitCode = 1;
  }
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= close();
    return closed;
  };
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
