// JSON from the server of the example, over the path that no fault disturbs.

import { asRecord, type Json, parseRecord, textAt } from "../model/wire.js";

/** An answer: its object, or a sentence on what went wrong. */
export type JsonAnswer =
  | { readonly kind: "ok"; readonly json: Json }
  | { readonly kind: "failed"; readonly message: string };

/** Gets a JSON object. Never rejects, unless `signal` aborts. */
export function getJson(url: string, signal?: AbortSignal): Promise<JsonAnswer> {
  return ask(url, { signal: signal ?? null });
}

/** Posts a JSON object and gets one. Never rejects. */
export function postJson(url: string, body: object): Promise<JsonAnswer> {
  return ask(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function ask(url: string, init: RequestInit): Promise<JsonAnswer> {
  try {
    const response = await fetch(url, { ...init, cache: "no-store" });
    const json = asRecord(parseRecord(await response.text()));
    if (response.ok && json !== undefined) return { kind: "ok", json };
    const said = json === undefined ? undefined : textAt(json, "error");
    return { kind: "failed", message: said ?? `The server answered ${response.status}.` };
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    return { kind: "failed", message: "The server of the example does not answer." };
  }
}
