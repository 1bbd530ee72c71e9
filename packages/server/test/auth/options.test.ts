import { generateKeyPairSync } from "node:crypto";
import { createJwtAuthorizer, type JwtAuthorizerOptions } from "@throughline/server/auth";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { SECRET } from "./tokens.js";

const keys = { secret: SECRET };
const jwksUrl = "https://issuer.example/keys";

const spki = { type: "spki", format: "pem" } as const;
const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const shape = { publicKeyEncoding: spki, privateKeyEncoding: pkcs8 };

describe("the options of token authorization", () => {
  it.each<[string, Record<string, unknown>]>([
    ["keys", {}],
    ["keys", { keys: null }],
    ["keys", { keys: {} }],
    ["keys", { keys: { secret: SECRET, jwksUrl } }],
    ["keys.secret", { keys: { secret: "x".repeat(31) } }],
    ["keys.secret", { keys: { secret: 7 } }],
    ["keys.publicKey", { keys: { publicKey: "nonsense" } }],
    ["keys.publicKey", { keys: { publicKey: { kty: "oct", k: "c2VjcmV0" } } }],
    ["keys.publicKey", { keys: { publicKey: generateKeyPairSync("x25519", shape).publicKey } }],
    [
      "keys.publicKey",
      {
        keys: {
          publicKey: generateKeyPairSync("rsa", { modulusLength: 1024, ...shape }).publicKey,
        },
      },
    ],
    ["keys.jwks", { keys: { jwks: {} } }],
    ["keys.jwksUrl", { keys: { jwksUrl: "nonsense" } }],
    ["keys.jwksUrl", { keys: { jwksUrl: "http://issuer.example/keys" } }],
    ["keys.jwksUrl", { keys: { jwksUrl: "file:///keys" } }],
    ["keys.jwksUrl", { keys: { jwksUrl: "http://127.0.0.1.evil.example/" } }],
    ["keys.cacheMs", { keys: { jwksUrl, cacheMs: 999 } }],
    ["keys.cooldownMs", { keys: { jwksUrl, cooldownMs: -1 } }],
    ["algorithms", { keys, algorithms: [] }],
    ["algorithms", { keys, algorithms: ["none"] }],
    ["algorithms", { keys, algorithms: ["HS256", "RS256"] }],
    ["algorithms", { keys: { jwksUrl }, algorithms: ["HS256"] }],
    ["algorithms", { keys: { secret: "x".repeat(32) }, algorithms: ["HS512"] }],
    ["issuer", { keys, issuer: "" }],
    ["issuer", { keys, issuer: [] }],
    ["audience", { keys, audience: [7] }],
    ["clockToleranceS", { keys, clockToleranceS: 301 }],
    ["requireExpiry", { keys, requireExpiry: "no" }],
    ["claim", { keys, claim: "" }],
    ["cookie.name", { keys, cookie: { name: "a;b" } }],
    ["cookie.name", { keys, cookie: {} }],
    [
      "cookie.allowedOrigins",
      { keys, cookie: { name: "a", allowedOrigins: ["https://a.example/"] } },
    ],
    ["cookie.allowedOrigins", { keys, cookie: { name: "a", allowedOrigins: "*" } }],
  ])("refuse a wrong %s by name, case %#", (name, options) => {
    const create = () => createJwtAuthorizer(options as unknown as JwtAuthorizerOptions);
    expect(create).toThrow(`Option "${name}": expected `);
    expect(create).toThrow(expect.objectContaining({ code: "invalid-option", fault: "local" }));
  });

  it.each([
    "http://127.0.0.1:1/keys",
    "http://localhost/keys",
    "http://[::1]/keys",
    new URL(jwksUrl),
  ])("take %s as the address of keys", (url) => {
    expect(() => createJwtAuthorizer({ keys: { jwksUrl: url } })).not.toThrow();
  });

  it("take plain http where that was said", () => {
    const http = { jwksUrl: "http://issuer.example/keys", allowPlainHttp: true };
    expect(() => createJwtAuthorizer({ keys: http })).not.toThrow();
  });

  it("refuse a private key, and never repeat one", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const pem = await exportPKCS8(privateKey);
    const jwk = await exportJWK(privateKey);
    for (const [publicKey, part] of [
      [pem, pem.slice(60, 80)],
      [jwk, jwk.d ?? ""],
      ["sensitive text", "sensitive"],
    ] as const) {
      const create = () => createJwtAuthorizer({ keys: { publicKey } });
      expect(create).toThrow('Option "keys.publicKey"');
      expect(create).not.toThrow(part);
    }
    const secret = "short but sensitive";
    expect(() => createJwtAuthorizer({ keys: { secret } })).not.toThrow("sensitive");
    expect(() => createJwtAuthorizer({ keys: { secret } })).toThrow("at least 32 bytes; got 19");
  });
});
