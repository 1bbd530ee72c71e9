// What pages of other origins are allowed, at the level of headers.

import type { CorsOptions } from "@throughline/server";
import { describe, expect, it, vi } from "vitest";
import { Stage } from "./stage.js";

const APP = "https://app.example";
const OTHER = "https://other.example";

const PREFLIGHT = { "access-control-request-method": "POST" };

function stageWith(cors: CorsOptions): Stage {
  return new Stage({ cors });
}

function ask(stage: Stage, origin: string, target = "/streams/news") {
  return stage.plain(target, { method: "OPTIONS", headers: { ...PREFLIGHT, origin } });
}

const corsHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).filter((name) => name === "vary" || name.startsWith("access-control-"));

describe("a preflight", () => {
  it("is answered with all that a page may send, for as long as browsers remember it", async () => {
    const answer = await ask(stageWith({ origins: [APP] }), APP);
    expect(answer).toEqual({
      kind: "plain",
      status: 204,
      body: "",
      headers: {
        vary: "Origin",
        "access-control-allow-origin": APP,
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers":
          "last-event-id, authorization, content-type, cache-control, idempotency-key, " +
          "producer-id, producer-epoch, producer-seq, traceparent",
        "access-control-max-age": "7200",
      },
    });
  });

  it("is remembered for as long as was said", async () => {
    const { headers } = await ask(stageWith({ origins: [APP], maxAgeS: 5 }), APP);
    expect(headers["access-control-max-age"]).toBe("5");
  });

  it("says that cookies may come only where that was said", async () => {
    const name = "access-control-allow-credentials";
    const { headers } = await ask(stageWith({ origins: [APP], credentials: true }), APP);
    expect(headers[name]).toBe("true");
    expect((await ask(stageWith({ origins: [APP] }), APP)).headers[name]).toBeUndefined();
  });

  it.each([OTHER, "null", "", `${APP}.evil.example`, APP.toUpperCase(), `${APP}/`])(
    "of %j allows nothing, and is not kept for others",
    async (origin) => {
      const answer = await ask(stageWith({ origins: [APP], credentials: true }), origin);
      expect([answer.status, answer.headers]).toEqual([204, { vary: "Origin" }]);
    },
  );

  it("is the same for every address, also one that nothing is at, and nobody is asked", async () => {
    const authorize = vi.fn(() => ({}));
    const stage = new Stage({ cors: { origins: [APP] }, authorize });
    const answers = await Promise.all(
      ["/streams/news", "/leases/hub-1/x", "/elsewhere"].map((target) => ask(stage, APP, target)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(authorize).not.toHaveBeenCalled();
  });

  it("is one only with its header: other questions about methods are refused as before", async () => {
    const options = { method: "OPTIONS", headers: { origin: APP } };
    const answer = await stageWith({ origins: [APP] }).plain("/streams/news", options);
    expect(answer.status).toBe(405);
  });

  it("from anywhere is allowed where all origins are, without cookies", async () => {
    const { headers } = await ask(stageWith({ origins: "*" }), OTHER);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
    expect(headers["vary"]).toBeUndefined();
  });
});

describe("an answer to a page that is allowed", () => {
  const shared = {
    vary: "Origin",
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers":
      "throughline-pulse, throughline-told, retry-after, www-authenticate",
  };
  const cors = { origins: [APP], credentials: true };
  const headers = { origin: APP };

  it("can be read by it: a stream, a lease, what was published", async () => {
    const stage = stageWith(cors);
    const answers = [
      await stage.request("/streams/news", { headers }),
      await stage.request("/streams/news", { method: "HEAD", headers }),
      await stage.request("/leases/hub-1/connection-1", { method: "POST", headers }),
      await stage.request("/streams/news", {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: '{"data":""}',
      }),
    ];
    for (const answer of answers) expect(answer.headers).toMatchObject(shared);
  });

  it("can be read by it also where it is a refusal, so that its client knows why", async () => {
    const stage = new Stage({ cors, authorize: () => ({ status: 401 }) });
    const unauthorized = await stage.plain("/streams/news", { headers });
    expect(unauthorized).toMatchObject({ status: 401, headers: shared });
    expect((await stage.plain("/elsewhere", { headers })).headers).toMatchObject(shared);
    stage.core.isClosing = true;
    const closing = await stage.plain("/streams/news", { headers });
    expect(closing.headers).toMatchObject({ ...shared, "retry-after": "1" });
  });

  it("cannot be read by others", async () => {
    for (const origin of [OTHER, "null"]) {
      const answer = await stageWith(cors).request("/streams/news", { headers: { origin } });
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect(answer.headers["vary"]).toBe("Origin");
    }
  });
});

describe("without the option", () => {
  it("no preflight is answered, and nothing is added", async () => {
    const stage = new Stage();
    expect((await ask(stage, APP)).status).toBe(405);
    const refused = await stage.plain("/elsewhere", { headers: { origin: APP } });
    expect(corsHeaders(refused.headers)).toEqual([]);
    const stream = await stage.stream("/streams/news", { headers: { origin: APP } });
    expect(corsHeaders(stream.headers)).toEqual(["access-control-expose-headers"]);
  });
});
