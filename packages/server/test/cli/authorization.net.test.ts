// `throughline serve` with tokens and limits, as an operator sets them.

import { SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
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

let reader: string;
let writer: string;

function token(rights: object): Promise<string> {
  return new SignJWT({ throughline: rights })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

beforeAll(async () => {
  reader = await token({ read: [{ stream: "news", topics: ["ward/1"] }] });
  writer = await token({ write: ["news"] });
});

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

  it("are checked together", async () => {
    const refused = serve(["--cors-origins", "*", "--cors-credentials"]);
    expect(await refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("cors.origins");
  });
});
