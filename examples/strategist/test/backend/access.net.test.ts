// Who may read, for how long, and what everybody else is told (section 2 of the contract).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { OpenStream } from "./open-stream.js";

const FEED = "/api/v1/strategist/feed?ward=Lotus%20Tank";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the access to the backend", () => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend({
      generation: "first",
      pollS: 0.2,
      sessionLifetimeS: 2,
      env: { CORS_ORIGINS: "http://app.example" },
    });
  });
  afterAll(() => backend?.close());

  function ask(path: string, init: RequestInit = {}, to = backend): Promise<Response> {
    const headers = { connection: "close", ...init.headers };
    return fetch(`${to.url}${path}`, { redirect: "manual", ...init, headers });
  }
  const post = (path: string, body: string, cookie = "") =>
    ask(path, { method: "POST", body, headers: { "content-type": "application/json", cookie } });
  const isAuthenticated = async (cookie: string) => {
    const response = await ask("/api/v1/status", { headers: { cookie } });
    return ((await response.json()) as { authenticated: boolean }).authenticated;
  };

  it("lets in who knows a password, with a cookie of the session that scripts cannot read", async () => {
    const response = await post("/api/v1/login", '{"username": "observer", "password": "banyan"}');
    expect(await response.json()).toEqual({
      message: "Login successful",
      user: {
        id: 2,
        username: "observer",
        email: expect.stringContaining("@"),
        last_login: expect.any(String),
      },
    });
    expect(response.headers.get("set-cookie")).toMatch(
      /^lokdarpan_session=[^;]+; HttpOnly; Path=\/; SameSite=Lax$/,
    );
  });

  it.each([
    ["no JSON", 400],
    ["[]", 400],
    ['{"username": "strategist"}', 400],
    ['{"username": "strategist", "password": "wrong"}', 401],
    ['{"username": "nobody", "password": "lotus"}', 401],
  ])("does not let in %s (%i)", async (body, status) => {
    const response = await post("/api/v1/login", body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  it("says who is there to everybody who asks", async () => {
    const anonymous = await (await ask("/api/v1/status")).json();
    const server_time = expect.stringMatching(/\+00:00$/);
    expect(anonymous).toEqual({ ok: true, authenticated: false, user: null, server_time });
    const headers = { cookie: await backend.logIn("observer") };
    const known = await (await ask("/api/v1/status", { headers })).json();
    expect(known).toMatchObject({ authenticated: true, user: { id: 2, username: "observer" } });
  });

  it("sends the anonymous to a login that has no GET", async () => {
    for (const path of [FEED, "/api/v1/multimodel/strategist/stream/a", "/api/v1/alerts/a"]) {
      const response = await ask(path);
      expect([response.status, response.headers.get("location")]).toEqual([
        302,
        `/api/v1/login?next=${encodeURIComponent(path)}`,
      ]);
    }
    const followed = await fetch(`${backend.url}${FEED}`, { headers: { connection: "close" } });
    expect(followed.status).toBe(405);
    expect(followed.headers.get("content-type")).toMatch(/^text\/html/);
  });

  it("goes on with a stream whose session has grown too old, and takes its next one for anonymous", async () => {
    const cookie = await backend.logIn();
    const stream = await OpenStream.open(`${backend.url}${FEED}`, cookie);
    while (await isAuthenticated(cookie)) await stream.untilMore("heartbeat");
    await stream.untilMore("heartbeat", 2);
    stream.close();
    expect((await ask(FEED, { headers: { cookie } })).status).toBe(302);
  });

  it("takes a cookie that was changed for none", async () => {
    const cookie = await backend.logIn();
    expect(await isAuthenticated(`${cookie}x`)).toBe(false);
  });

  it("adds its headers to every answer, and those of CORS for the origins that may read", async () => {
    const response = await ask("/api/v1/status", { headers: { origin: "http://app.example" } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "content-security-policy": expect.any(String),
      "x-response-time": expect.stringMatching(/^\d+ms$/),
      "access-control-allow-origin": "http://app.example",
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "Content-Type, Authorization, X-Requested-With",
    });
    const other = await ask("/api/v1/status", { headers: { origin: "http://other.example" } });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});

// For the same reason.
describe.skipIf(findFlaskPython() === undefined)("sessions of the backend", () => {
  const backends: Backend[] = [];
  const start = async (options: Parameters<typeof startBackend>[0]) => {
    const backend = await startBackend({ workers: 1, ...options });
    backends.push(backend);
    return backend;
  };
  const status = async ({ url }: Backend, cookie = "") => {
    const headers = { cookie, connection: "close" };
    const response = await fetch(`${url}/api/v1/alerts/a`, { headers, redirect: "manual" });
    await response.body?.cancel();
    return response.status;
  };
  afterAll(() => Promise.all(backends.map((backend) => backend.close())));

  it("end from the other side, everywhere, though their cookies are still well signed", async () => {
    const backend = await start({});
    const [here, there] = [await backend.logIn(), await backend.logIn()];
    const other = await backend.logIn("observer");
    expect(await status(backend, here)).toBe(200);
    expect(await backend.endSessions("strategist")).toBe(2);
    const all = [here, there, other].map((cookie) => status(backend, cookie));
    expect(await Promise.all(all)).toEqual([302, 302, 200]);
  });

  it("end by logging out, here or everywhere, and survive a restart", async () => {
    const backend = await start({});
    const [first, second, third] = [
      await backend.logIn(),
      await backend.logIn(),
      await backend.logIn(),
    ];
    await backend.restart();
    const logOut = (cookie: string, body: string) => {
      const headers = { cookie, connection: "close", "content-type": "application/json" };
      return fetch(`${backend.url}/api/v1/logout`, { method: "POST", headers, body });
    };
    const statuses = () =>
      Promise.all([first, second, third].map((cookie) => status(backend, cookie)));
    expect(await statuses()).toEqual([200, 200, 200]);
    expect((await logOut(first, "{}")).headers.get("set-cookie")).toMatch(/^lokdarpan_session=;/);
    expect(await statuses()).toEqual([302, 200, 200]);
    await logOut(second, '{"everywhere": true}');
    expect(await statuses()).toEqual([302, 302, 302]);
  });

  it.each([
    ["unauthorized", 401],
    ["forbidden", 403],
  ] as const)("are asked for as the documentation has it: %s", async (anonymous, expected) => {
    expect(await status(await start({ anonymous }))).toBe(expected);
  });

  it("are asked for in a stream, with status 200", async () => {
    const { url } = await start({ anonymous: "in-stream" });
    const stream = await (await OpenStream.open(`${url}${FEED}`)).end();
    expect(stream.text).toBe('data: {"type": "error", "message": "Authentication required"}\n\n');
  });

  it("do not matter while the service is switched off", async () => {
    const { url } = await start({ env: { STRATEGIST_ENABLED: "false" } });
    const response = await fetch(`${url}${FEED}`, { headers: { connection: "close" } });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: "service_unavailable" });
  });
});
