// Tokens in cookies: browsers add them by themselves, also for pages that should not publish.

import { createJwtAuthorizer } from "@throughline/server/auth";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, SECRET, signShared } from "./tokens.js";

const hook = createJwtAuthorizer({
  keys: { secret: SECRET },
  cookie: { name: "session", allowedOrigins: ["https://app.example"] },
});

let token = "";
beforeAll(async () => {
  token = await signShared();
});

const granted = { identity: "alice" };

describe("a token in a cookie", () => {
  it.each([
    (value: string) => `session=${value}`,
    (value: string) => `a=1; session=${value}; b=2`,
    (value: string) => `xsession=1;session="${value}"`,
    (value: string) => `session=${value}; session=other`,
  ])("is found, case %#", async (cookieOf) => {
    expect(await ask(hook, { headers: { cookie: cookieOf(token) } })).toMatchObject(granted);
  });

  it.each(["", "session", "Session=x", "xsession=x", "a=session=x"])(
    "is not found in %j",
    async (cookie) => {
      const answer = await ask(hook, { headers: { cookie } });
      expect(answer).toMatchObject({ status: 401, challenge: 'Bearer realm="throughline"' });
    },
  );

  it("is not looked at beside a header, whatever that has", async () => {
    const headers = { cookie: `session=${token}`, authorization: "Bearer no-good" };
    expect(await ask(hook, { headers })).toMatchObject({ status: 401 });
  });

  it("is not looked for unless that was said", async () => {
    const plain = createJwtAuthorizer({ keys: { secret: SECRET } });
    expect(await ask(plain, { headers: { cookie: `session=${token}` } })).toMatchObject({
      status: 401,
    });
  });
});

describe("publishing with a cookie", () => {
  const publish = (headers: Record<string, string>) =>
    ask(hook, { action: "publish", headers: { cookie: `session=${token}`, ...headers } });

  it.each<[Record<string, string>]>([
    [{ "sec-fetch-site": "same-origin", origin: "https://hub.example" }],
    [{ "sec-fetch-site": "cross-site", origin: "https://app.example" }],
    [{ origin: "https://app.example" }],
    [{ origin: "http://hub.example:8080", host: "hub.example:8080" }],
  ])("is allowed with %j", async (headers) => {
    expect(await publish(headers)).toMatchObject(granted);
  });

  it.each<[Record<string, string>]>([
    [{}],
    [{ host: "hub.example" }],
    [{ origin: "null", host: "hub.example" }],
    [{ origin: "https://evil.example", host: "hub.example" }],
    [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    [{ origin: "https://hub.example", host: "hub.example", "sec-fetch-site": "same-site" }],
    [{ "sec-fetch-site": "none" }],
    [{ origin: "https://app.example.evil", host: "hub.example" }],
    [{ origin: "http://hub.example:8080", host: "hub.example" }],
  ])("is refused with %j", async (headers) => {
    const answer = await publish(headers);
    expect(answer).toMatchObject({ status: 403 });
    expect(answer).not.toHaveProperty("challenge");
  });

  it("is asked about only there: a header is never added by a browser", async () => {
    const headers = { authorization: `Bearer ${token}`, origin: "https://evil.example" };
    expect(await ask(hook, { action: "publish", headers })).toMatchObject(granted);
  });

  it("is asked about only for publishing: what a page may read, CORS says", async () => {
    const headers = { cookie: `session=${token}`, origin: "https://evil.example" };
    expect(await ask(hook, { headers })).toMatchObject(granted);
  });
});
