// Which tokens are believed, and what is said about the others.

import { createJwtAuthorizer, type JwtAuthorizerOptions } from "@throughline/server/auth";
import { base64url, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { ask, askWith, makeKeyPair, nowS, SECRET, sign, signShared } from "./tokens.js";

const REALM = 'Bearer realm="throughline"';

const create = (options: Partial<JwtAuthorizerOptions> = {}) =>
  createJwtAuthorizer({ keys: { secret: SECRET }, ...options });

const granted = expect.objectContaining({ identity: "alice" });
const invalid = expect.objectContaining({
  status: 401,
  challenge: expect.stringContaining('error="invalid_token"'),
});

describe("a token", () => {
  it("that is good is a grant to its subject until it ends", async () => {
    const answer = await askWith(
      create({ clockToleranceS: 10 }),
      await signShared({ expiresInS: 60 }),
    );
    expect(answer).toEqual({
      identity: "alice",
      topics: undefined,
      expiresAtMs: expect.closeTo((nowS() + 70) * 1000, -4),
    });
  });

  it("that is missing is asked for", async () => {
    for (const headers of [
      {},
      { authorization: "Basic YWxpY2U6c2VjcmV0" },
      { cookie: "token=x" },
    ]) {
      const answer = await ask(create(), { headers });
      expect(answer).toMatchObject({ status: 401, challenge: REALM });
    }
  });

  it("may be announced in any case", async () => {
    const authorization = `bEARER  ${await signShared()}`;
    expect(await ask(create(), { headers: { authorization } })).toEqual(granted);
  });

  it.each([
    ["HS256", "HS256"],
    ["HS384", "HS384"],
    ["HS512", "HS512"],
  ])("of a secret may be signed with %s", async (alg) => {
    expect(await askWith(create(), await signShared({ alg }))).toEqual(granted);
  });

  it.each(["RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"])(
    "of a public key may be signed with %s, the key given as PEM, JWK or set",
    async (alg) => {
      const { privateKey, pem, jwk } = await makeKeyPair(alg);
      const token = await sign(privateKey, { alg, kid: "k" });
      const ways = [
        { publicKey: pem },
        { publicKey: jwk },
        { publicKey: { ...jwk, alg } },
        { jwks: { keys: [{ ...jwk, kid: "k" }] } },
      ];
      for (const keys of ways) expect(await askWith(create({ keys }), token)).toEqual(granted);
    },
  );

  it.each<[string, () => Promise<string> | string]>([
    ["is no token", () => "nonsense"],
    ["is empty", () => ""],
    ["has ended", () => signShared({ expiresInS: -10 })],
    ["has no end", () => signShared({ expiresInS: null })],
    ["has an end that is no number", () => signShared({ expiresInS: null, claims: { exp: "1" } })],
    ["has not begun", () => signShared({ claims: { nbf: nowS() + 60 } })],
    ["was signed by somebody else", () => sign(Buffer.from("x".repeat(64)))],
    ["is not signed", () => new UnsecuredJWT({ exp: nowS() + 60, throughline: {} }).encode()],
    ["has another payload than was signed", async () => swapPayload(await signShared())],
    ["has a number as subject", () => signShared({ claims: { sub: 7 } })],
    ["has an empty subject", () => signShared({ claims: { sub: "" } })],
    [
      "has rights that cannot be read",
      () => signShared({ claims: { throughline: { read: "*" } } }),
    ],
    ["is too long", () => signShared({ claims: { ballast: "x".repeat(20_000) } })],
  ])("that %s is refused", async (_, make) => {
    expect(await askWith(create(), await make())).toEqual(invalid);
  });

  it("may lack an end where that was allowed, and then has none", async () => {
    const token = await signShared({ expiresInS: null });
    const answer = await askWith(create({ requireExpiry: false }), token);
    expect(answer).toMatchObject({ identity: "alice", expiresAtMs: undefined });
  });

  it("is accepted as long as clocks may differ, and its grant lasts as long", async () => {
    const token = await signShared({ expiresInS: -4 });
    expect(await askWith(create({ clockToleranceS: 0 }), token)).toEqual(invalid);
    const answer = await askWith(create({ clockToleranceS: 30 }), token);
    expect(answer).toMatchObject({ expiresAtMs: expect.closeTo((nowS() + 26) * 1000, -4) });
  });

  it("without a subject is a grant to nobody in particular", async () => {
    const answer = await askWith(create(), await signShared({ claims: { sub: undefined } }));
    expect(answer).toMatchObject({ identity: undefined, expiresAtMs: expect.any(Number) });
  });

  it("must be of the issuer and for the audience, where these are given", async () => {
    const hook = create({ issuer: ["us", "them"], audience: "hub" });
    const token = (claims: Record<string, unknown>) => signShared({ claims });
    expect(await askWith(hook, await token({ iss: "them", aud: ["x", "hub"] }))).toEqual(granted);
    for (const claims of [
      { iss: "us" },
      { aud: "hub" },
      { iss: "x", aud: "hub" },
      { iss: "us", aud: "x" },
    ]) {
      expect(await askWith(hook, await token(claims))).toEqual(invalid);
    }
  });

  it("says in its challenge what is wrong with it, and nothing of what it says", async () => {
    const ended = await askWith(create(), await signShared({ expiresInS: -10 }));
    expect(ended).toMatchObject({
      challenge: `${REALM}, error="invalid_token", error_description="The token has expired."`,
    });
    const hook = create({ audience: "hub" });
    const foreign = await askWith(hook, await signShared({ claims: { aud: "somebody" } }));
    expect(foreign).toMatchObject({ detail: "The claim aud of the token is missing or wrong." });
    expect(JSON.stringify([ended, foreign])).not.toContain("somebody");
  });
});

describe("the algorithm of a token", () => {
  it("is never none, however it is spelled", async () => {
    for (const alg of ["none", "None", "NONE", ""]) {
      const header = base64url.encode(JSON.stringify({ alg }));
      const token = (await signShared()).replace(/^[^.]+/, header);
      expect(await askWith(create(), token)).toEqual(invalid);
      expect(await askWith(create(), token.replace(/[^.]+$/, ""))).toEqual(invalid);
    }
  });

  it("never makes a secret of a public key", async () => {
    const { pem, jwk } = await makeKeyPair("RS256");
    for (const forged of [pem, pem.trim(), JSON.stringify(jwk)]) {
      const token = await sign(Buffer.from(forged), { kid: "k" });
      for (const keys of [{ publicKey: pem }, { jwks: { keys: [{ ...jwk, kid: "k" }] } }]) {
        expect(await askWith(create({ keys }), token)).toEqual(invalid);
      }
    }
  });

  it("is one of those of the key, and of those that were chosen", async () => {
    const { privateKey, pem, jwk } = await makeKeyPair("RS256");
    const token = await sign(privateKey, { alg: "RS256" });
    const refuses = async (options: Partial<JwtAuthorizerOptions>) =>
      expect(await askWith(create(options), token)).toEqual(invalid);
    await refuses({ keys: { publicKey: pem }, algorithms: ["PS256"] });
    await refuses({ keys: { publicKey: { ...jwk, alg: "RS512" } } });
    await refuses({ keys: { secret: SECRET } });
    const short = create({ keys: { secret: "x".repeat(32) } });
    const weak = await sign(Buffer.from("x".repeat(32).padEnd(64, "\0")), { alg: "HS512" });
    expect(await askWith(short, weak)).toEqual(invalid);
  });

  it("is not taken from a key that comes with the token", async () => {
    const { privateKey, jwk } = await makeKeyPair("ES256");
    const header = { alg: "ES256", jwk };
    const { SignJWT } = await import("jose");
    const token = await new SignJWT({ exp: nowS() + 60 })
      .setProtectedHeader(header)
      .sign(privateKey);
    const { pem } = await makeKeyPair("ES256");
    expect(await askWith(create({ keys: { publicKey: pem } }), token)).toEqual(invalid);
  });
});

describe("rights", () => {
  const askFor = async (
    throughline: unknown,
    stream: string,
    action: "subscribe" | "publish" = "subscribe",
  ) => askWith(create(), await signShared({ claims: { throughline } }), { stream, action });

  const insufficient = {
    status: 403,
    challenge: `${REALM}, error="insufficient_scope"`,
  };

  it.each([
    [["news"], "news"],
    [["ward/*"], "ward/42"],
    [["ward/**"], "ward/42/alerts"],
    [["x", "**"], "news"],
  ])("to read %j are rights to read %s", async (read, stream) => {
    expect(await askFor({ read }, stream)).toMatchObject({ identity: "alice", topics: undefined });
  });

  it.each([
    [undefined, "news"],
    [{}, "news"],
    [{ read: [] }, "news"],
    [{ write: ["news"] }, "news"],
    [{ read: ["news/*"] }, "news"],
    [{ read: ["ward/*"] }, "ward/42/alerts"],
    [{ read: ["new"] }, "news"],
    [{ read: [{ stream: "news", topics: [] }] }, "news"],
  ])("%j are none to read %s", async (claim, stream) => {
    expect(await askFor(claim, stream)).toMatchObject(insufficient);
  });

  it("to read are none to write, and the other way round", async () => {
    expect(await askFor({ read: ["news"] }, "news", "publish")).toMatchObject(insufficient);
    expect(await askFor({ write: ["news"] }, "news", "publish")).toEqual(granted);
    expect(await askFor({ write: ["news"] }, "news")).toMatchObject(insufficient);
  });

  it("to some topics are added up", async () => {
    const read = [
      { stream: "news", topics: ["a", "b/*"] },
      { stream: "*", topics: ["a", "c"] },
      { stream: "other", topics: ["d"] },
    ];
    expect(await askFor({ read }, "news")).toMatchObject({ topics: ["a", "b/*", "c"] });
    expect(await askFor({ read: [...read, "news"] }, "news")).toMatchObject({ topics: undefined });
  });

  it.each([
    [null],
    [[]],
    ["all"],
    [{ read: "news" }],
    [{ read: [7] }],
    [{ read: [""] }],
    [{ read: ["**/news"] }],
    [{ read: ["news", null] }],
    [{ read: [{ topics: ["a"] }] }],
    [{ read: [{ stream: "news", topics: "a" }] }],
    [{ read: [{ stream: "news", topics: ["a,b"] }] }],
    [{ read: [{ stream: "news", topic: ["a"] }] }],
    [{ read: Array(1001).fill("a") }],
  ])("%j cannot be read, and so are none at all", async (claim) => {
    expect(await askFor(claim, "news")).toEqual(invalid);
  });

  it("stand in the claim that was named", async () => {
    const claim = "https://app.example/rights";
    const token = await signShared({
      claims: { throughline: undefined, [claim]: { read: ["news"] } },
    });
    expect(await askWith(create({ claim }), token)).toEqual(granted);
    expect(await askWith(create(), token)).toMatchObject(insufficient);
  });
});

/** The token with a payload that nobody signed. */
function swapPayload(token: string): string {
  const payload = base64url.encode(JSON.stringify({ sub: "bob", exp: nowS() + 60 }));
  return token.replace(/\.[^.]+\./, `.${payload}.`);
}
