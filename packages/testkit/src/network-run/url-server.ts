// Somebody's own server, wherever it runs, as the far end of a scenario.

import { StreamError } from "throughline/core";
import type { ScenarioServer } from "./scenario-server.js";

/** Where the server is, and how events get into its stream. */
export interface UrlServerOptions {
  /** The stream, such as `http://127.0.0.1:8080/events`. */
  readonly url: string;
  /** Where events are published with `POST`. Default: nowhere, the server sends events of its own. */
  readonly publishUrl?: string | undefined;
  /**
   * What is sent there, with `{data}` where the data of the event belongs, which is the text of a JSON object.
   * Default `{data}`. A Throughline hub wants `{"data":{data}}`.
   */
  readonly publishBody?: string | undefined;
  /**
   * By what events of the server's own are counted: `id` for the digits at the end of the id, or the path of a member
   * of the JSON data, such as `n` or `payload.seq`. Default `id`. Numbers have to be consecutive.
   */
  readonly counter?: string | undefined;
}

const PUBLISH_WITHIN_MS = 5000;

/** @throws StreamError `invalid-option` for an address that the fault proxy cannot lead to */
export function urlServer(options: UrlServerOptions): ScenarioServer {
  const { publishUrl, publishBody = "{data}", counter = "id" } = options;
  const target = checkedUrl(options.url);
  const common = {
    upstream: { host: target.hostname, port: Number(target.port || 80) },
    countsOffsets: false,
    path: () => `${target.pathname}${target.search}`,
    actions: [],
    act: async () => {},
    close: async () => {},
  };
  if (publishUrl === undefined) {
    const numberOf = (data: string, id: string) => readCounter(counter, data, id);
    return { ...common, numberOf };
  }
  const publish = (_stream: string, data: string) =>
    post(publishUrl, publishBody.replaceAll("{data}", data));
  return { ...common, publish };
}

function checkedUrl(url: string): URL {
  if (URL.canParse(url) && new URL(url).protocol === "http:") return new URL(url);
  throw new StreamError(
    `Expected an address that begins with http://, got "${url}". The fault proxy breaks plain connections: ` +
      "have it lead to the server behind whatever ends TLS.",
    { code: "invalid-option", fault: "local" },
  );
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(PUBLISH_WITHIN_MS),
  });
  await response.arrayBuffer();
  if (response.ok) return;
  throw new StreamError(`POST ${url} was answered ${response.status}: nothing was published.`, {
    code: "http",
    fault: "remote",
  });
}

function readCounter(counter: string, data: string, id: string): number | undefined {
  if (counter === "id") {
    const [digits] = /\d+$/.exec(id) ?? [];
    return digits === undefined ? undefined : Number(digits);
  }
  let value = parsed(data);
  for (const name of counter.split(".")) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

/** What is no JSON has no counter, and is not counted. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
