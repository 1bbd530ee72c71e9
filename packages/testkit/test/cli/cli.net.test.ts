import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHub, createMemoryLog } from "@throughline/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { startOrigin } from "../support/origin.js";
import { TestkitProcess } from "./testkit-process.js";

/** The address of a hub, which ends with the test. */
async function startHub(): Promise<string> {
  const hub = createHub({ log: createMemoryLog() });
  const server = createServer(hub.handleNode).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await hub.close({ withinMs: 0 });
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A file with a text, which goes with the test. */
function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "throughline-testkit-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "my.scenario");
  writeFileSync(path, text);
  return path;
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

describe("throughline-testkit", () => {
  it.each([
    [["--help"], /Usage: throughline-testkit <command>/],
    [["proxy", "--help"], /Examples:\n.*throughline-testkit proxy/s],
    [["run", "--help"], /Examples:\n.*throughline-testkit run/s],
    [["conformance", "--help"], /Examples:\n.*throughline-testkit conformance/s],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
  ])("explains itself: %s", async (argv, text) => {
    const program = new TestkitProcess(...argv);
    expect(await program.exitCode).toBe(0);
    expect(program.stdout).toMatch(text);
  });

  it.each([
    [[], "No command was given."],
    [["dance"], 'There is no command "dance".'],
    [["proxy"], "--upstream is missing: expected --upstream http://127.0.0.1:8080"],
    [["proxy", "--upstream", "https://a.b"], "expected an address such as http://127.0.0.1:8080"],
    [["proxy", "--upstream", "http://a", "--port", "x"], "expected a whole number from 0 to 65535"],
    [["proxy", "--upstrem", "http://a"], "Unknown option '--upstrem'"],
    [["run", "--url", "https://a.b/c"], "expected an address that begins with http://"],
    [["run", "no.scenario", "--url", "http://127.0.0.1:1/"], "no.scenario"],
    [["conformance", "client"], 'Expected "conformance server", got "conformance client".'],
    [
      ["conformance", "server", "--url", "http://127.0.0.1:1/"],
      "The stream could not be asked for",
    ],
  ])("ends with 1 and a sentence where it cannot begin: %s", async (argv, sentence) => {
    const program = new TestkitProcess(...argv);
    expect(await program.exitCode).toBe(1);
    expect(program.stderr.toLowerCase()).toContain(sentence.toLowerCase());
    expect(program.stderr).not.toContain("this is a bug");
  });
});

describe("throughline-testkit proxy", () => {
  it("breaks what it is told to break, and prints what clients asked for", async () => {
    const { address } = await startOrigin();
    const program = new TestkitProcess(
      "proxy",
      "--upstream",
      `http://${address.host}:${address.port}`,
    );
    const [, url = ""] = await program.says(/listening at (\S+),/);
    expect(await statusOf(`${url}/reply`)).toBe(200);
    program.type("fault http-error status=503 skip=1 times=1");
    await program.says(/fault http-error status=503/);
    const statuses = [await statusOf(`${url}/reply`), await statusOf(`${url}/reply?n=2`)];
    expect(statuses).toEqual([200, 503]);
    await program.says(/GET \/reply\?n=2 on connection \d+/);
    program.type("freeze direction=sideways");
    program.type("status");
    await program.says(/requests: 3, 1 answered here/);
    expect(program.stderr).toContain('expected "direction=" with "both", "up" or "down"');
    program.type("quit");
    expect(await program.exitCode).toBe(0);
  });

  it("takes commands over HTTP, and shows what it has seen", async () => {
    const { address } = await startOrigin();
    const upstream = `http://${address.host}:${address.port}`;
    const program = new TestkitProcess("proxy", "--upstream", upstream, "--control", "0");
    const [, url = ""] = await program.says(/listening at (\S+),/);
    const [, control = ""] = await program.says(/commands at (\S+)/);
    const send = (body: string) => fetch(control, { method: "POST", body });
    expect((await send("http-error status=502")).status).toBe(200);
    expect(await statusOf(`${url}/reply`)).toBe(502);
    const wrong = await send("http-error");
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain('which "http-error" must have');
    const seen = (await (await fetch(control)).json()) as Readonly<Record<string, unknown>>;
    expect(seen).toMatchObject({ fault: "http-error status=502", requests: 1, answered: 1 });
    program.interrupt();
    expect(await program.exitCode).toBe(0);
  });

  it("plays what a scenario does to the path, and ends with it", async () => {
    const { address } = await startOrigin();
    const file = fileWith(
      "scenario a: one answer\npublish every 1 s\nfault http-error status=503 times=1\nwait until struck\nexpect no gap",
    );
    const upstream = `http://${address.host}:${address.port}`;
    const program = new TestkitProcess("proxy", "--upstream", upstream, "--scenario", file);
    const [, url = ""] = await program.says(/listening at (\S+),/);
    await program.says(/not done here: publish-every/);
    expect(await statusOf(`${url}/reply`)).toBe(503);
    expect(await program.exitCode).toBe(0);
    expect(program.stdout).toContain("played a");
  });
});

const DROP = `
scenario mine: a reset
publish every 50 ms
wait 200 ms
fault reset
expect every promise
`;

describe("throughline-testkit run", () => {
  it("plays a scenario against a server that can be published to, and is content", async () => {
    const hub = await startHub();
    const program = new TestkitProcess(
      ...["run", fileWith(DROP), "--url", `${hub}/streams/feed?cursor=latest`],
      ...["--publish-url", `${hub}/streams/feed`, "--publish-body", '{"data":{data}}'],
    );
    expect(await program.exitCode, program.stderr).toBe(0);
    expect(program.stdout).toMatch(/^ok {5}mine a reset: detect \d+ ms, begin \d+ ms, heal \d+ ms/);
    expect(program.stderr).toContain("1 of 1 went as expected.");
  });

  it("judges a server by its own events, and sees what it loses", async () => {
    let n = 0;
    // Counts for itself, has no ids, and knows nothing of what a reader has missed.
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => {
        n += 1;
        response.write(`data: {"n":${n}}\n\n`);
      }, 30);
      response.on("close", () => clearInterval(timer));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const clock = setInterval(() => {
      n += 1;
    }, 20);
    onTestFinished(() => {
      clearInterval(clock);
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const program = new TestkitProcess(
      "run",
      fileWith(DROP),
      "--url",
      url,
      "--counter",
      "n",
      "--json",
    );
    expect(await program.exitCode, program.stderr).toBe(2);
    const verdict = JSON.parse(program.stdout) as {
      readonly lost: number;
      readonly broken: string[];
    };
    expect(verdict.lost).toBeGreaterThan(1);
    expect(verdict.broken.join()).toContain("events were lost");
  });

  it("leaves out what a server cannot do, and says so", async () => {
    const hub = await startHub();
    const file = fileWith("scenario x: y\nhub kill\nexpect no gap");
    const program = new TestkitProcess("run", file, "--url", `${hub}/streams/feed`);
    expect(await program.exitCode).toBe(1);
    expect(program.stderr).toContain('left out x y: the server cannot do "hub kill"');
  });
});

describe("throughline-testkit conformance", () => {
  it("is content with a hub", async () => {
    const hub = await startHub();
    const url = `${hub}/streams/{stream}`;
    const program = new TestkitProcess(
      ...["conformance", "server", "--level", "throughline", "--only", "cursor", "--url", url],
      ...["--publish-url", url, "--publish-body", '{"data":{data}}'],
    );
    expect(await program.exitCode, program.stdout).toBe(0);
    expect(program.stderr).toMatch(/^([4-9]) of \1 are as they have to be\.\n$/);
  });

  it("names what a server does not do, and leaves out what it cannot try", async () => {
    const { address } = await startOrigin();
    const program = new TestkitProcess(
      ...["conformance", "server", "--url", `http://${address.host}:${address.port}/stream`],
      ...["--heartbeat-within", "200"],
    );
    expect(await program.exitCode).toBe(2);
    expect(program.stdout).toContain("ok    answers with 200 and the type text/event-stream");
    expect(program.stdout).toContain("FAILS sends something on an idle stream");
    expect(program.stderr).toContain("left out, for want of --publish-url");
  });
});
