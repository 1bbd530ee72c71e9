// Which route a request is for, and which of its streams.

import { invalidOption } from "../hub/option-checks.js";
import { encodeQuery, normalQuery } from "./normal-query.js";
import type { GatewayRoute } from "./route.js";
import { assertRoute } from "./route-checks.js";
import {
  comparePatterns,
  matchPattern,
  type PatternSegment,
  parsePattern,
  patternKey,
  splitPath,
} from "./route-pattern.js";

/** What a request is for. */
export interface RouteMatch {
  readonly route: GatewayRoute;
  /** Decoded, by the names in the route's path. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** What makes a difference, in a fixed order. */
  readonly query: URLSearchParams;
  /** Names the stream among all of all routes: the same text if and only if it is the same one. */
  readonly resource: string;
  /** Path and query to ask the backend for, encoded. */
  readonly upstreamTarget: string;
}

/** Finds routes. */
export interface RouteTable {
  /**
   * The route of a request; `undefined` where there is none, and for everything but GET. Never
   * throws, whatever a target is.
   */
  find(method: string, target: string): RouteMatch | undefined;
}

/**
 * Creates a table. Where several routes fit, the one wins that has texts where the others have
 * parameters, from the left.
 *
 * @throws StreamError `invalid-option` where a route cannot be used, or two are for the same requests
 */
export function createRouteTable(routes: readonly GatewayRoute[]): RouteTable {
  const entries = routes
    .map((route) => {
      assertRoute(route);
      return { route, pattern: parsePattern(route.name, route.path) };
    })
    .sort((left, right) => comparePatterns(left.pattern, right.pattern));
  refuseTwins(entries);
  return {
    find: (method, target) => {
      const parts = method === "GET" ? splitTarget(target) : undefined;
      const segments = parts && splitPath(parts.path);
      if (parts === undefined || segments === undefined) return undefined;
      for (const { route, pattern } of entries) {
        const values = matchPattern(pattern, segments);
        if (values === undefined) continue;
        return describe(route, { pattern, values, segments, query: parts.query });
      }
      return undefined;
    },
  };
}

interface Entry {
  readonly route: GatewayRoute;
  readonly pattern: readonly PatternSegment[];
}

function refuseTwins(entries: readonly Entry[]): void {
  const names = new Set<string>();
  const patterns = new Map<string, GatewayRoute>();
  for (const { route, pattern } of entries) {
    const { name, path } = route;
    if (names.has(name)) throw invalidOption("routes", "names that differ", `${name} twice`);
    names.add(name);
    const key = patternKey(pattern);
    const twin = patterns.get(key);
    if (twin !== undefined) {
      const expected = `a path that differs from that of ${twin.name} (${twin.path})`;
      throw invalidOption(`routes.${name}.path`, expected, path);
    }
    patterns.set(key, route);
  }
}

interface Found {
  readonly pattern: readonly PatternSegment[];
  readonly values: readonly string[];
  readonly segments: readonly string[];
  readonly query: string;
}

function describe(route: GatewayRoute, { pattern, values, segments, query }: Found): RouteMatch {
  const names = pattern.flatMap((segment) => ("parameter" in segment ? [segment.parameter] : []));
  const normal = normalQuery(query, route.query);
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
  const behind = encodeQuery(normal);
  return {
    route,
    pathParameters: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])),
    query: normal,
    resource: JSON.stringify([route.name, values, [...normal]]),
    upstreamTarget: behind === "" ? path : `${path}?${behind}`,
  };
}

/** No request line has these: each character stands for a byte. */
const BEYOND_BYTES = /[^\0-\xff]/;

/**
 * Path and query of a target. Bytes that should have been encoded, and that most servers take for
 * UTF-8, are: with and without it is the same stream.
 */
function splitTarget(
  target: string,
): { readonly path: string; readonly query: string } | undefined {
  if (BEYOND_BYTES.test(target)) return undefined;
  const encoded = target.replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const mark = encoded.indexOf("?");
  if (mark === -1) return { path: encoded, query: "" };
  return { path: encoded.slice(0, mark), query: encoded.slice(mark + 1) };
}
