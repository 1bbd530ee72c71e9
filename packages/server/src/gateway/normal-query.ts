// Queries that mean the same to the backend, made the same: they are one stream.

import { CURSOR_PARAMETER, TOPICS_PARAMETER } from "throughline/core";
import type { GatewayRoute } from "./route.js";

/** Parameters that readers say to the gateway, and that the backend is not told. */
export function isForGateway(name: string): boolean {
  return (
    name === CURSOR_PARAMETER || name === TOPICS_PARAMETER || name.startsWith(GATEWAY_PARAMETERS)
  );
}

const GATEWAY_PARAMETERS = "throughline";

/**
 * What of a query makes a difference. Of parameters that the route names, the first value counts, as
 * in most frameworks; a blank one counts as missing. Where the route names none, all of them do, with
 * every value, sorted by name.
 */
export function normalQuery(text: string, rules: GatewayRoute["query"]): URLSearchParams {
  const given = new URLSearchParams(text);
  if (rules === undefined) {
    const others = [...given].filter(([name]) => !isForGateway(name));
    const sorted = new URLSearchParams(others);
    sorted.sort();
    return sorted;
  }
  const normal = new URLSearchParams();
  for (const [name, fallback] of Object.entries(rules)) {
    const value = given.get(name) || fallback;
    if (value !== null) normal.append(name, value);
  }
  return normal;
}

/** As it is written behind `?`; empty where there is nothing. Spaces are `%20`, which all decode. */
export function encodeQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
}
