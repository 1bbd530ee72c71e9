// Tokens over real sockets: keys from an issuer that changes them and breaks, streams that end with
// their token, and no token in anything that is written.

import { inspect } from "node:util";
import type { HubOptions } from "@throughline/server";
import { createJwtAuthorizer, type JwtAuthorizerOptions } from "@throughline/server/auth";
import type { JWK } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EventReader } from "../hub/event-reader.js";
import { type RunningHub, startNodeHub, startWebHub } from "../hub/running-hub.js";
import { type KeyServer, startKeyServer } from "./key-server.js";
import { type KeyPair, makeKeyPair, nowS, SECRET, sign, signShared } from "./tokens.js";

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startIssuer(keys: readonly JWK[]): Promise<KeyServer> {
  const issuer = await startKeyServer(keys);
  stops.push(() => issuer.stop());
  return issuer;
}

async function startHub(
  options: JwtAuthorizerOptions,
  more: Partial<HubOptions> = {},
  start = startNodeHub,
): Promise<RunningHub> {
  const hub = await start({ authorize: createJwtAuthorizer(options), ...more });
  stops.push(() => hub.stop());
  return hub;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The status of a subscription that is not read. */
async function statusOf(hub: RunningHub, token: string): Promise<number> {
  const response = await hub.request("/streams/news", { method: "HEAD", headers: bearer(token) });
  return response.status;
}

const named = ({ jwk }: KeyPair, kid: string): JWK => ({ ...jwk, kid });

describe("keys of an issuer", () => {
  it("are fetched once, for however many tokens", async () => {
    const pair = await makeKeyPair("ES256");
    const issuer = await startIssuer([named(pair, "one")]);
    const hub = await startHub({ keys: { jwksUrl: issuer.url } });
    expect(issuer.fetches).toBe(0);
    const token = await sign(pair.privateKey, { alg: "ES256", kid: "one" });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(hub, token)));
    expect([new Set(statuses), issuer.fetches]).toEqual([new Set([200]), 1]);
  });

  it("may be changed: a new one is found at once, one that was taken back is not believed", async () => {
    const [first, second] = [await makeKeyPair("ES256"), await makeKeyPair("RS256")];
    const issuer = await startIssuer([named(first, "one")]);
    const hub = await startHub({ keys: { jwksUrl: issuer.url, cooldownMs: 0 } });
    const old = await sign(first.privateKey, { alg: "ES256", kid: "one" });
    const young = await sign(second.privateKey, { alg: "RS256", kid: "two" });
    expect(await statusOf(hub, old)).toBe(200);
    issuer.keys = [named(first, "one"), named(second, "two")];
    expect([await statusOf(hub, young), await statusOf(hub, old)]).toEqual([200, 200]);
    issuer.keys = [named(second, "two")];
    const unknown = await sign(first.privateKey, { alg: "ES256", kid: "three" });
    expect(await statusOf(hub, unknown)).toBe(401);
    expect([await statusOf(hub, young), await statusOf(hub, old)]).toEqual([200, 401]);
    expect(hub.errors).toEqual([]);
  });

  it("are not asked for again and again because of keys that somebody makes up", async () => {
    const pair = await makeKeyPair("ES256");
    const issuer = await startIssuer([named(pair, "one")]);
    const hub = await startHub({ keys: { jwksUrl: issuer.url } });
    for (let number = 0; number < 20; number += 1) {
      const token = await sign(pair.privateKey, { alg: "ES256", kid: `made up ${number}` });
      expect(await statusOf(hub, token)).toBe(401);
    }
    expect(issuer.fetches).toBe(1);
  });

  it("that cannot be fetched are nobody's fault who asks, and are not asked for in a hurry", async () => {
    const pair = await makeKeyPair("ES256");
    const issuer = await startIssuer([named(pair, "one")]);
    issuer.status = 500;
    const hub = await startHub({ keys: { jwksUrl: issuer.url } });
    const token = await sign(pair.privateKey, { alg: "ES256", kid: "one" });
    for (let number = 0; number < 10; number += 1) expect(await statusOf(hub, token)).toBe(503);
    expect(issuer.fetches).toBe(1);
    expect(hub.errors).toHaveLength(10);
    expect(hub.errors[0]).toMatchObject({
      code: "authorization-failed",
      cause: { message: "The issuer's keys could not be fetched" },
    });
  });

  it("stay good while the issuer cannot be asked for newer ones", async () => {
    const pair = await makeKeyPair("ES256");
    const issuer = await startIssuer([named(pair, "one")]);
    const hub = await startHub({ keys: { jwksUrl: issuer.url, cacheMs: 1000 } });
    const token = await sign(pair.privateKey, { alg: "ES256", kid: "one" });
    expect(await statusOf(hub, token)).toBe(200);
    issuer.status = 500;
    await vi.waitUntil(
      async () => {
        expect(await statusOf(hub, token)).toBe(200);
        return issuer.fetches > 1;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(await statusOf(hub, token)).toBe(200);
    expect(hub.errors).toEqual([]);
  });
});

describe.each([
  ["node:http", startNodeHub],
  ["web-standard requests", startWebHub],
])("a stream over %s", (_, start) => {
  it("ends when its token does, after word of it, and comes back with another", async () => {
    const hub = await startHub({ keys: { secret: SECRET }, clockToleranceS: 0 }, {}, start);
    const headers = bearer(await signShared({ expiresInS: 3 }));
    const response = await hub.request("/streams/news", { headers });
    const reader = new EventReader(response.body);
    const renew = (await reader.payload("throughline.renew")) as { expiresInMs: number };
    expect(renew.expiresInMs).toBeLessThan(3000);
    await hub.hub.publish("news", { data: "before the end" });
    await reader.end();
    expect([reader.data, reader.error]).toEqual([["before the end"], undefined]);
    const again = await hub.request("/streams/news", { headers });
    expect([again.status, again.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(again.headers.get("content-type")).toBe("application/problem+json");
    await hub.hub.publish("news", { data: "meanwhile" });
    const resumed = await hub.request("/streams/news", {
      headers: { ...bearer(await signShared()), "last-event-id": reader.events.at(-1)?.id ?? "" },
    });
    const next = await new EventReader(resumed.body).until(({ data }) => data.length > 0);
    expect(next.data).toEqual(["meanwhile"]);
    await next.cancel();
  });

  it("ends at once when its identity is revoked", async () => {
    const hub = await startHub({ keys: { secret: SECRET } }, {}, start);
    const response = await hub.request("/streams/news", { headers: bearer(await signShared()) });
    const reader = await new EventReader(response.body).until(({ events }) => events.length > 0);
    expect(hub.hub.revoke({ identity: "alice" })).toBe(1);
    await reader.end();
    expect(reader.error).toBeUndefined();
  });
});

describe("a token", () => {
  it("is in nothing that is written: no answer, error, or line, whatever becomes of it", async () => {
    const written: string[] = [];
    const note = (...parts: unknown[]) => written.push(...parts.map((part) => deeply(part)));
    for (const name of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, name).mockImplementation(note);
    }
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((text) => note(text) > 0);
    }
    vi.spyOn(process, "emitWarning").mockImplementation(note);
    const issuer = await startIssuer([]);
    issuer.status = 500;
    const cookie = { name: "session" };
    const shared = await startHub({ keys: { secret: SECRET }, cookie }, { onError: undefined });
    const remote = await startHub(
      { keys: { jwksUrl: issuer.url }, cookie },
      { onError: undefined },
    );
    const noted: RunningHub["errors"] = [];
    const watched = await startHub(
      { keys: { jwksUrl: issuer.url } },
      { onError: (error, context) => noted.push([error, context]) },
    );
    const { privateKey } = await makeKeyPair("ES256");
    const tokens = [
      await signShared(),
      await signShared({ expiresInS: -100 }),
      await signShared({ claims: { throughline: { read: "sensitive" } } }),
      await signShared({ claims: { throughline: {} } }),
      await signShared({ claims: { nbf: nowS() + 60 } }),
      await sign(privateKey, { alg: "ES256", kid: "one" }),
      "sensitive.but.no-token",
    ];
    for (const hub of [shared, remote, watched]) {
      for (const token of tokens) {
        for (const headers of [bearer(token), { cookie: `session=${token}` }]) {
          for (const method of ["GET", "HEAD", "POST"]) {
            const json = { ...headers, "content-type": "application/json" };
            const init =
              method === "POST" ? { method, headers: json, body: "{" } : { method, headers };
            const response = await hub.request("/streams/news", init);
            note([...response.headers], response.status);
            if (response.status === 200) await response.body?.cancel();
            else note(await response.text());
          }
        }
      }
    }
    note(noted);
    expect(written.some((text) => text.includes("could not be fetched"))).toBe(true);
    expect(written.some((text) => text.includes("invalid_token"))).toBe(true);
    const parts = tokens.flatMap((token) => token.split(".")).filter((part) => part.length > 8);
    const leaks = written.filter((text) => parts.some((part) => text.includes(part)));
    expect(leaks).toEqual([]);
    expect(written.filter((text) => text.includes("alice"))).toEqual([]);
  });
});

/** Everything in a value, also what a log line would leave out. */
function deeply(value: unknown): string {
  if (typeof value === "string") return value;
  return inspect(value, { depth: 20, showHidden: true, maxStringLength: null, breakLength: 1000 });
}
