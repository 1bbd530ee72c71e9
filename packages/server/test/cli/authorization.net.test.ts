// `throughline serve` with tokens and limits, as an operator sets them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../hub/running-hub.js";
import { CliProcess } from "./cli-process.js";

const SECRET = "0123456789abcdef0123456789abcdef";
const WITH_SECRET = { THROUGHLINE_JWT_SECRET: SECRET };

const running: CliProcess[] = [];

function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const started = new CliProcess(argv, environment);
  running.push(started);
  return started;
}

/** A hub on a port of its own that shuts down without delay. */
function serve(argv: readonly string[], environment?: Readonly<Record<string, string>>) {
  const now = ["--port", "0", "--not-ready-ms", "0", "--drain-ms", "0"];
  return start(["serve", "--log", "memory", ...now, ...argv], environment);
}

let folder: string;
let reader: string;
let writer: string;

function token(rights: object): Promise<string> {
  return new SignJWT({ throughline: rights })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "throughline-tokens-"));
  reader = await token({ read: [{ stream: "news", topics: ["ward/1"] }] });
  writer = await token({ write: ["news"] });
});

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.kill()));
});

describe("a hub that asks for tokens", () => {
  it("may listen on every address, and serves nobody without one", async () => {
    const url = (await serve(["--host", "0.0.0.0"], WITH_SECRET).url()).replace(
      "0.0.0.0",
      "127.0.0.1",
    );
    const { status, headers } = await fetch(`${url}/streams/news`);
    expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="throughline"']);
  });

  it("lets a token read its topics and no more, and only one for writing write", async () => {
    const url = await serve([], WITH_SECRET).url();
    const forbidden = start(["publish", "news", "x"], {
      THROUGHLINE_URL: url,
      THROUGHLINE_TOKEN: reader,
    });
    expect(await forbidden.exitCode).toBe(1);
    expect(forbidden.stderr).not.toContain(reader);
    const asReader = { THROUGHLINE_TOKEN: reader };
    const tail = start(["tail", "news", "--url", url, "--cursor", "earliest"], asReader);
    for (const ward of ["2", "1"]) {
      const publish = start(["publish", "news", `of ward ${ward}`, "--topic", `ward/${ward}`], {
        THROUGHLINE_URL: url,
        THROUGHLINE_TOKEN: writer,
      });
      expect(await publish.exitCode).toBe(0);
    }
    await tail.until(() => (tail.stdout.includes("of ward 1") ? true : undefined));
    expect(tail.stdout.trim()).toBe("of ward 1");
  });

  it("takes its secret, and readers and publishers their token, from files", async () => {
    const [secretFile, tokenFile] = [join(folder, "secret"), join(folder, "token")];
    writeFileSync(secretFile, `${SECRET}\n`);
    writeFileSync(tokenFile, `${writer}\n`);
    const url = await serve(["--jwt-secret-file", secretFile]).url();
    const as = ["--url", url, "--token-file", tokenFile];
    expect(await start(["publish", "news", "x", "--topic", "ward/1", ...as]).exitCode).toBe(0);
    writeFileSync(tokenFile, reader);
    const tail = start(["tail", "news", "--cursor", "earliest", "--limit", "1", ...as]);
    expect([await tail.exitCode, tail.stdout]).toEqual([0, "x\n"]);
  });

  it("is gone back to with the token that the file has by then", async () => {
    const tokenFile = join(folder, "renewed");
    writeFileSync(tokenFile, "t-1");
    const shown: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      shown.push(request.headers.authorization);
      writeFileSync(tokenFile, shown.length === 1 ? "t-2" : "");
      response.writeHead(200, { "content-type": "text/event-stream" });
      // What is being written is no token yet: the one before it is shown.
      response.end(shown.length < 3 ? "retry: 1\n\n" : "id: e.1\ndata: at last\n\n");
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const tail = start(["tail", "news", "--url", url, "--token-file", tokenFile, "--limit", "1"]);
    expect([await tail.exitCode, tail.stdout]).toEqual([0, "at last\n"]);
    server.close();
    expect(shown).toEqual(["Bearer t-1", "Bearer t-2", "Bearer t-2"]);
  });

  it("takes a set of keys, and of what it allows only the algorithms that were named", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwksFile = join(folder, "jwks.json");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k" };
    writeFileSync(jwksFile, JSON.stringify({ keys: [jwk] }));
    const shown = await new SignJWT({ throughline: { read: ["**"] } })
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setExpirationTime("1h")
      .sign(privateKey);
    const headers = { authorization: `Bearer ${shown}` };
    const head = { method: "HEAD", headers };
    const url = await serve(["--jwt-jwks-file", jwksFile]).url();
    expect((await fetch(`${url}/streams/news`, head)).status).toBe(200);
    const strict = ["--jwt-jwks-file", jwksFile, "--jwt-algorithms", "RS256,EdDSA"];
    const other = await serve(strict).url();
    expect((await fetch(`${other}/streams/news`, head)).status).toBe(401);
  });

  it("lets pages of the origins that were named publish with the cookie", async () => {
    const cookie = ["--jwt-cookie", "t", "--jwt-cookie-origins", "https://app.test"];
    const url = await serve(cookie, WITH_SECRET).url();
    const publishFrom = async (origin: string) => {
      const headers = { "content-type": "application/json", cookie: `t=${writer}`, origin };
      const body = '{"data":"x"}';
      return (await fetch(`${url}/streams/news`, { method: "POST", headers, body })).status;
    };
    expect(await publishFrom("https://app.test")).toBe(201);
    expect(await publishFrom("https://other.test")).toBe(403);
  });

  it("shows its secret nowhere", async () => {
    const shown = start(["serve", "--print-config"], WITH_SECRET);
    expect(await shown.exitCode).toBe(0);
    expect(shown.stdout).toContain("jwtSecret");
    expect(shown.stdout + shown.stderr).not.toContain(SECRET);
  });

  it.each([
    [["--jwt-jwks-url", "https://issuer.example/jwks"], "jwtSecret and jwtJwksUrl"],
    [["--jwt-public-key-file", "/nowhere/key.pem"], "jwtSecret and jwtPublicKeyFile"],
  ])("is told which settings contradict each other: %j", async (argv, names) => {
    const refused = serve(argv, WITH_SECRET);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(names);
  });

  it.each([
    [["--jwt-public-key-file", "/nowhere/key.pem"], 'Setting "jwtPublicKeyFile": expected a file'],
    [["--jwt-issuer", "me"], 'Setting "jwtIssuer": expected one of jwtSecret'],
    [["--jwt-algorithms", "ES256"], 'Setting "jwtAlgorithms": expected one of jwtSecret'],
  ])("is not started where nobody would be asked: %j", async (argv, message) => {
    const refused = serve(argv);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(message);
  });
});

describe("limits from the command line", () => {
  it("are those of the hub", async () => {
    const url = await serve(["--max-connections", "1", "--cors-origins", "https://app.test"]).url();
    const first = await fetch(`${url}/streams/news`, { headers: { origin: "https://app.test" } });
    expect(first.headers.get("access-control-allow-origin")).toBe("https://app.test");
    const second = await fetch(`${url}/streams/news`);
    expect(second.status).toBe(503);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThanOrEqual(2);
    await first.body?.cancel();
  });

  it("count those for whom a trusted proxy asks, by the header that was named", async () => {
    const proxied = ["--trusted-proxies", "127.0.0.1", "--forwarded-header", "forwarded"];
    const url = await serve(["--max-connections-per-address", "1", ...proxied]).url();
    const ask = (address: string) =>
      fetch(`${url}/streams/news`, { headers: { forwarded: `for=${address}` } });
    const answers = [await ask("192.0.2.1"), await ask("192.0.2.1"), await ask("192.0.2.2")];
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 200]);
    await Promise.all(answers.map(({ body }) => body?.cancel()));
  });

  it("have rates", async () => {
    const url = await serve(["--subscribe-per-second", "1", "--subscribe-burst", "2"]).url();
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) {
      statuses.push((await fetch(`${url}/streams/news`, { method: "HEAD" })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it.each([
    [["--publish-burst", "5"], 'Setting "publishBurst": expected "publishPerSecond" beside it'],
    [["--cors-max-age-s", "5"], 'Setting "corsMaxAgeS": expected "corsOrigins" beside it'],
  ])("are refused where half is missing: %j", async (argv, message) => {
    const refused = serve(argv);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(message);
  });

  it("are checked together", async () => {
    const refused = serve(["--cors-origins", "*", "--cors-credentials"]);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("cors.origins");
  });
});
