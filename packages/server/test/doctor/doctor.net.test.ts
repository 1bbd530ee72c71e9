// The doctor against servers that are broken in one way each, and one that is well.

import { createGzip } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { diagnose } from "../../src/doctor/diagnose.js";
import { type ExamineOptions, examine } from "../../src/doctor/examine.js";
import { run } from "../cli/fake-host.js";
import { startNodeHub } from "../hub/running-hub.js";
import { type Answer, beginStream, every, startBrokenServer } from "./broken-server.js";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(answer: Answer): Promise<URL> {
  const server = await startBrokenServer(answer);
  stops.push(server.stop);
  return server.url;
}

async function examineQuickly(url: URL, options: Partial<ExamineOptions> = {}) {
  const defaults = { url, credentials: {}, watchMs: 1600, streams: 0 };
  const observation = await examine({ ...defaults, ...options });
  const findings = diagnose(observation);
  const find = (code: string) => findings.find((finding) => finding.code === code);
  const codes = (severity: string) =>
    findings.filter((finding) => finding.severity === severity).map(({ code }) => code);
  return { observation, findings, find, problems: codes("problem"), warnings: codes("warning") };
}

describe("a hub that is reached directly", () => {
  it("has no problem, and only the warning that HTTP/1.1 deserves", async () => {
    const { hub, port, stop } = await startNodeHub();
    stops.push(stop);
    await hub.publish("feed", { data: "1" });
    const { observation, problems, warnings, find } = await examineQuickly(
      new URL(`http://127.0.0.1:${port}/streams/feed`),
      { streams: 7 },
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual(["http-version"]);
    expect(find("lease")?.severity).toBe("ok");
    expect(observation.resume?.byHeader.outcome).toBe("replayed");
    expect(observation.resume?.byQuery.outcome).toBe("replayed");
    expect(observation.streams).toMatchObject({ asked: 7, answered: 7, httpVersion: "1.1" });
  });

  it("is caught up where nothing was ever published", async () => {
    const { port, stop } = await startNodeHub();
    stops.push(stop);
    const { observation, problems } = await examineQuickly(
      new URL(`http://127.0.0.1:${port}/streams/feed`),
    );
    expect(problems).toEqual([]);
    expect(observation.resume?.byHeader.outcome).toBe("caught-up");
  });

  it("is told apart by what it lets pages of other origins do", async () => {
    const origin = "https://app.example";
    const { port, stop } = await startNodeHub({ cors: { origins: [origin], credentials: true } });
    stops.push(stop);
    const url = new URL(`http://127.0.0.1:${port}/streams/feed`);
    const allowed = await examineQuickly(url, { origin });
    expect(allowed.problems).toEqual([]);
    expect(allowed.find("cors-origin")?.text).toContain("also with cookies");
    expect(allowed.find("cors-preflight")?.severity).toBe("ok");
    const other = await examineQuickly(url, { origin: "https://other.example" });
    expect(other.problems).toEqual(["cors-origin"]);
  });
});

describe("a body that is held back", () => {
  it("is found where headers come and bytes do not, although a pulse was promised", async () => {
    const url = await serve((_request, response) =>
      beginStream(response, { "throughline-pulse": "interval=1000, deadline=1700" }),
    );
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["buffered"]);
    expect(find("buffered")?.text).toMatch(/not one byte in 1\.\d s, although a pulse is promised/);
  });

  it("is suspected where headers come and bytes do not, and nothing was promised", async () => {
    const url = await serve((_request, response) => beginStream(response));
    const { problems } = await examineQuickly(url);
    expect(problems).toEqual(["headers-without-bytes"]);
  });

  it("is found by comments that come in heaps", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      response.write(": hello\n\n");
      every(response, 1000, () => response.write(": pulse\n\n".repeat(5)));
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["buffered"]);
    expect(find("buffered")?.text).toContain("5 comments in one piece");
    expect(find("buffered")?.change).toContain("X-Accel-Buffering: no");
  });

  it("is found by a piece that stops in the middle of a line", async () => {
    const url = await serve((_request, response) => {
      beginStream(response, { server: "nginx" });
      const text = 'id: 1\ndata: {"n":1}\n\n'.repeat(400);
      every(response, 750, (turn) => response.write(text.slice((turn - 1) * 4096, turn * 4096)));
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toContain("buffered");
    expect(find("buffered")).toMatchObject({
      culprit: "nginx",
      change: expect.stringContaining("proxy_buffering off;"),
    });
  });

  it("is found where an answer has not even headers, and HEAD is answered", async () => {
    const url = await serve((request, response) => {
      if (request.method === "HEAD") response.writeHead(200, { server: "nginx/1.22" }).end();
    });
    const { problems, find } = await examineQuickly(url, { watchMs: 500 });
    expect(problems).toEqual(["buffered"]);
    expect(find("buffered")?.culprit).toBe("nginx");
  });

  it("is suspected where there is no answer at all", async () => {
    const url = await serve(() => {});
    const { problems } = await examineQuickly(url, { watchMs: 500 });
    expect(problems).toEqual(["no-answer"]);
  });
});

describe("compression", () => {
  it("is told where it comes through, and the events in it are read", async () => {
    const url = await serve((_request, response) => {
      beginStream(response, { "content-encoding": "gzip" });
      const gzip = createGzip();
      gzip.pipe(response);
      every(response, 300, (turn) => {
        gzip.write(`id: ${turn}\ndata: ${turn}\n\n`);
        gzip.flush();
      });
    });
    const { observation, warnings, find } = await examineQuickly(url);
    expect(warnings).toContain("compressed");
    expect(find("compressed")?.change).toContain("no-transform");
    expect(observation.stream?.events).toBeGreaterThan(3);
  });

  it("is a problem where the compressor keeps what it has", async () => {
    const url = await serve((_request, response) => {
      beginStream(response, { "content-encoding": "gzip" });
      const gzip = createGzip();
      gzip.pipe(response);
      every(response, 300, (turn) => gzip.write(`data: ${turn}\n\n`));
    });
    const { problems } = await examineQuickly(url);
    expect(problems).toContain("compressed");
  });

  it("that is only said to be there is damage", async () => {
    const url = await serve((_request, response) => {
      beginStream(response, { "content-encoding": "gzip" });
      response.write("data: not gzip\n\n");
    });
    expect((await examineQuickly(url)).problems).toEqual(["damaged"]);
  });
});

describe("an answer that is no stream", () => {
  it("is a log-in to which the request was redirected, and which takes no GET", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/stream") {
        response.writeHead(302, { location: "/login?next=%2Fstream&state=s3cret" }).end();
      } else response.writeHead(405, { allow: "POST" }).end();
    });
    const { observation, findings, problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["login-redirect"]);
    expect(find("login-redirect")?.text).toContain("/login?next=…&state=…, which answers 405");
    expect(JSON.stringify({ observation, findings })).not.toContain("s3cret");
  });

  it("is the page of the application", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end('<script type="module" src="/@vite/client"></script>');
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["wrong-type"]);
    expect(find("wrong-type")).toMatchObject({
      culprit: expect.stringContaining("Vite"),
      change: expect.stringContaining("proxy"),
    });
  });

  it("is that of a dev server which passes nothing on", async () => {
    const url = await serve((request, response) => {
      if (request.url !== "/@vite/client") return response.writeHead(404).end();
      return response.writeHead(200, { "content-type": "text/javascript" }).end();
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["status-404"]);
    expect(find("status-404")?.culprit).toContain("the Vite dev server");
  });

  it("is a refusal that says what it wants, and does not show what it was shown", async () => {
    const url = await serve((_request, response) => response.writeHead(401).end());
    const credentials = { authorization: "Bearer t0psecret", cookie: "session=t0psecret" };
    const { observation, findings, problems, find } = await examineQuickly(url, { credentials });
    expect(problems).toEqual(["status-401"]);
    expect(find("status-401")?.culprit).toContain("the token and the cookie");
    expect(JSON.stringify({ observation, findings })).not.toContain("t0psecret");
  });

  it("is nothing where nobody listens", async () => {
    const server = await startBrokenServer(() => {});
    await server.stop();
    const { problems, find } = await examineQuickly(server.url);
    expect(problems).toEqual(["unreachable"]);
    expect(find("unreachable")?.text).toContain("ECONNREFUSED");
  });

  it("does not take credentials along to another origin", async () => {
    const seen: unknown[] = [];
    let isSilent = false;
    const other = await serve((request, response) => {
      seen.push(request.headers["authorization"], request.headers["cookie"]);
      if (isSilent) return;
      beginStream(response);
      response.write("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
    });
    const url = await serve((_request, response) =>
      response.writeHead(307, { location: other.href }).end(),
    );
    const credentials = { authorization: "Bearer t0psecret", cookie: "session=t0psecret" };
    const options = { credentials, watchMs: 500, streams: 1 };
    expect((await examineQuickly(url, options)).warnings).toContain("redirected");
    isSilent = true;
    expect((await examineQuickly(url, options)).problems).toEqual(["no-answer"]);
    // The stream, twice with an id, once beside others; then the stream again, and a HEAD request.
    expect(seen).toEqual(Array.from({ length: 2 * 6 }, () => undefined));
  });
});

describe("a stream of another kind of server", () => {
  it("that has no ids loses events at every drop", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      every(response, 200, (turn) => response.write(`data: {broken json ${turn}\n\n`));
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["no-ids"]);
    expect(find("greeting")?.text).toContain("no Throughline server");
  });

  it("that sends an event without an end is left", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      const line = `data: ${"x".repeat(65_536)}\n`;
      const go = () => {
        while (!response.destroyed && response.write(line));
      };
      response.on("drain", go);
      go();
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toEqual(["damaged"]);
    expect(find("damaged")?.text).toContain("larger than 16 MiB");
  });

  it("that begins anew for everybody ignores what it is shown", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      every(response, 200, (turn) => response.write(`id: order ${turn}\ndata: ${turn}\n\n`));
    });
    const { problems, warnings, find } = await examineQuickly(url);
    expect(problems).toEqual(["resume-ignored"]);
    expect(warnings).toContain("unsafe-ids");
    expect(find("ids")?.text).toContain("no Throughline cursors");
  });

  it("that resumes by the header alone is well", async () => {
    const url = await serve((request, response) => {
      beginStream(response);
      const after = Number(request.headers["last-event-id"] ?? 0);
      every(response, 200, (turn) => response.write(`id: ${after + turn}\ndata: ${turn}\n\n`));
    });
    const { problems, observation } = await examineQuickly(url);
    expect(problems).toEqual([]);
    expect(observation.resume?.byHeader.outcome).toBe("replayed");
    expect(observation.resume?.byQuery.outcome).toBe("ignored");
  });

  it("that says in messages that it is alive is understood", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      every(response, 300, () => response.write('data: {"type":"heartbeat"}\n\n'));
    });
    const { observation, find } = await examineQuickly(url);
    expect(observation.stream?.heartbeats[0]).toMatchObject({ kind: "json", name: "heartbeat" });
    expect(observation.stream?.ids.applicationEvents).toBe(0);
    expect(find("heartbeat")?.severity).toBe("ok");
  });
});

describe("an end", () => {
  it("after a second of silence is an idle timeout of somebody", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      response.write("data: 1\n\n");
      const timer = setTimeout(() => response.destroy(), 1000);
      response.on("close", () => clearTimeout(timer));
    });
    const { problems, find } = await examineQuickly(url);
    expect(problems).toContain("idle-timeout");
    expect(find("idle-timeout")?.text).toMatch(
      /was cut after (?:1|1\.\d|9\d\d) m?s without a byte/,
    );
  });

  it("right behind the last byte is that of an answer that does not stay open", async () => {
    const url = await serve((_request, response) => {
      beginStream(response);
      response.end("data: 1\n\n");
    });
    const { warnings } = await examineQuickly(url);
    expect(warnings).toContain("ended");
  });
});

describe("CORS", () => {
  it("that lets every origin in with credentials is a problem", async () => {
    const url = await serve((request, response) => {
      const { origin = "" } = request.headers;
      const cors = {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
      };
      if (request.method === "OPTIONS") response.writeHead(204, cors).end();
      else {
        beginStream(response, cors);
        response.write(": hello\n\n");
      }
    });
    const options = { origin: "https://app.example", watchMs: 500 };
    const { problems, warnings } = await examineQuickly(url, options);
    expect(problems).toEqual(["cors-reflects"]);
    expect(warnings).toEqual(expect.arrayContaining(["cors-preflight", "cors-vary"]));
  });
});

describe("several streams at once", () => {
  it("that a single worker serves one by one are a problem", async () => {
    let open = 0;
    const url = await serve((_request, response) => {
      if (open > 0) return;
      open += 1;
      response.on("close", () => {
        open -= 1;
      });
      beginStream(response, { server: "gunicorn" });
      response.write(": hello\n\n");
    });
    const { problems, find } = await examineQuickly(url, { watchMs: 500, streams: 3 });
    expect(problems).toEqual(["streams"]);
    expect(find("streams")).toMatchObject({
      text: expect.stringContaining("Of 3 streams at once over HTTP/1.1 one was answered"),
      culprit: "gunicorn",
    });
  });
});

describe("the command", () => {
  const quickly = ["--idle", "1", "--streams", "0"];

  it("prints lines for people and ends with 0 where there is no problem", async () => {
    const { port, stop } = await startNodeHub();
    stops.push(stop);
    const url = `http://127.0.0.1:${port}/streams/feed`;
    const { code, stdout, stderr } = await run(["doctor", url, ...quickly]);
    expect(stdout).toMatch(/^No problem, 1 warning: {2}http:/);
    expect(stderr).toContain("watching the stream for 1 s");
    expect(code).toBe(0);
  });

  it("prints one object and ends with 2 where there is a problem", async () => {
    const url = await serve((_request, response) => response.writeHead(404).end());
    const argv = ["doctor", `${url.href}?token=t0psecret`, "--json", ...quickly];
    const { code, stdout, stderr } = await run(argv);
    expect(JSON.parse(stdout)).toMatchObject({ hasProblem: true, url: `${url.href}?token=…` });
    expect(stdout).not.toContain("t0psecret");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  });

  it("shows the token and the cookies of the environment to the server, and to nobody else", async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      seen = [request.headers["authorization"], request.headers["cookie"]];
      response.writeHead(403).end();
    });
    const environment = { T: "t0psecret", C: "session=t0psecret" };
    const argv = ["doctor", url.href, "--token-env", "T", "--cookie-env", "C", ...quickly];
    const { stdout, stderr } = await run(argv, { environment });
    expect(seen).toEqual(["Bearer t0psecret", "session=t0psecret"]);
    expect(stdout + stderr).not.toContain("t0psecret");
  });

  it.each([
    [["doctor"], /address of a stream/],
    [["doctor", "feed"], /begins with http/],
    [["doctor", "ftp://a.example/"], /begins with http/],
    [["doctor", "http://user:t0psecret@a.example/"], /without a user/],
    [["doctor", "http://a.example/", "--cookie-env", "NOT_SET"], /NOT_SET is empty or not set/],
    [["doctor", "http://a.example/", "--idle", "0"], /expected an integer from 1 to 3600/],
  ])("ends with 1 and a line where it was called wrongly: %j", async (argv, line) => {
    const { code, stdout, stderr } = await run(argv);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain("t0psecret");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });
});
