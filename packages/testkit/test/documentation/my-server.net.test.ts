import {
  createFaultProxy,
  dropInClient,
  parseScenario,
  runScenario,
  serverConformance,
  urlServer,
} from "@throughline/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { startMyServer } from "./my-server.js";

async function createServer() {
  const { url, publish, close } = await startMyServer();
  let count = 0;
  return {
    url,
    publish: async () => {
      count += 1;
      publish(`event ${count}`);
      return `event ${count}`;
    },
    dispose: close,
  };
}

describe("my server, as a server of event streams,", () => {
  for (const { name, run } of serverConformance({ createServer })) it(name, run);
});

describe("my server, behind a line that breaks,", () => {
  it("loses nothing while nobody answers", async () => {
    const server = await startMyServer();
    onTestFinished(server.close);
    const publish = async (data: string) => server.publish(data);
    const scenario = parseScenario(`
      scenario 1: half a second in which connections are refused
      publish every 50 ms
      wait 300..500 ms
      fault reset
      fault refuse
      wait 500 ms
      fault pass
      expect every promise
    `);
    const { broken } = await runScenario(scenario, {
      client: dropInClient(),
      server: urlServer({ url: server.url, publish }),
    });
    expect(broken).toEqual([]);
  });

  it("is asked again after a 503", async () => {
    const server = await startMyServer();
    onTestFinished(server.close);
    const { hostname: host, port, pathname } = new URL(server.url);
    const proxy = await createFaultProxy({ upstream: { host, port: Number(port) } });
    onTestFinished(() => proxy.close());
    await proxy.set({ kind: "http-error", status: 503, skip: 1, times: 1 });
    const answers: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(`${proxy.url}${pathname}`);
      answers.push(response.status);
      await response.body?.cancel();
    }
    expect(answers).toEqual([200, 503, 200]);
  });
});
