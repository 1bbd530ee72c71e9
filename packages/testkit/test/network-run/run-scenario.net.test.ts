// What the runner sees of clients that are not as they should be: a judge that is always content judges nothing.

import { EventSource as NpmEventSource } from "eventsource";
import { createParser } from "throughline/core";
import { describe, expect, it } from "vitest";
import { createFaultProxy } from "../../src/fault-proxy/index.js";
import {
  dropInClient,
  runScenario,
  type ScenarioClient,
  unplayable,
  urlServer,
} from "../../src/network-run/index.js";
import { parseScenario } from "../../src/scenario/index.js";

const RESET = parseScenario(`
scenario x: a reset
publish every 20 ms
wait 200 ms
fault reset
wait 300 ms
expect every promise
`);

/** Reads one response, and never comes back; what it does with an event is the test's choice. */
function naiveClient(hand: (event: (data: string) => void, data: string) => void): ScenarioClient {
  return {
    name: "naive",
    canDetour: false,
    open: (url, watch) => {
      const stop = new AbortController();
      const parser = createParser(
        { onEvent: ({ data, type }) => type === "message" && hand(watch.event, data) },
        { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
      );
      const read = async () => {
        watch.request();
        const { body } = await fetch(url, { signal: stop.signal });
        watch.state("live");
        for await (const bytes of body ?? []) parser.push(bytes);
      };
      read().catch(() => watch.state("failed", "network"));
      return { close: () => stop.abort() };
    },
  };
}

describe("a run", () => {
  it("says of a client that never comes back that it never does", async () => {
    const client = naiveClient((event, data) => event(data));
    const verdict = await runScenario(RESET, { client, restWithinMs: 500 });
    expect(verdict.broken.slice(0, 2)).toEqual(["recovery never began", "it never healed"]);
    expect(verdict.broken[2]).toMatch(/^\d+ events were lost$/);
    expect(verdict.detectMs).toBeLessThan(5000);
    expect(verdict.requests).toBe(0);
  });

  it("counts what is handed out twice, out of order, or was never published", async () => {
    const doubled = naiveClient((event, data) => {
      event(data);
      event(data);
    });
    expect(
      (await runScenario(RESET, { client: doubled, restWithinMs: 200 })).repeated,
    ).toBeGreaterThan(3);
    let held: string | undefined;
    const swapped = naiveClient((event, data) => {
      if (held !== undefined) event(data);
      if (held !== undefined) event(held);
      held = held === undefined ? data : undefined;
    });
    expect(
      (await runScenario(RESET, { client: swapped, restWithinMs: 200 })).reordered,
    ).toBeGreaterThan(1);
    const inventive = naiveClient((event) => event('{"n":1000000,"text":""}'));
    const verdict = await runScenario(RESET, { client: inventive, restWithinMs: 200 });
    expect(verdict.broken.join()).toContain("1 events or gaps were invented");
  });

  it("watches a client at the proxy that does not say when it asks", async () => {
    const client: ScenarioClient = {
      name: "eventsource 4",
      canDetour: false,
      open: (url, watch) => {
        const source = new NpmEventSource(url);
        source.onopen = () => watch.state("live");
        source.onerror = () => watch.state(source.readyState === 2 ? "failed" : "waiting");
        source.onmessage = ({ data, lastEventId }) => watch.event(String(data), lastEventId);
        return { close: () => source.close() };
      },
    };
    const verdict = await runScenario(RESET, { client });
    expect(verdict.readers[0]?.requestsMs.length).toBe(2);
    expect(verdict).toMatchObject({ client: "eventsource 4", lost: 0, repeated: 0, reordered: 0 });
  });

  it("tells apart the readers of a crowd", async () => {
    const crowd = parseScenario(
      "scenario x: y\nreaders 3\npublish every 50 ms\nwait 200 ms\nfault reset\nexpect every promise",
    );
    const verdict = await runScenario(crowd, { client: dropInClient() });
    expect(verdict.readers).toHaveLength(3);
    for (const { requestsMs } of verdict.readers) expect(requestsMs.length).toBeGreaterThan(1);
  });

  it("may lead through something of the caller's own", async () => {
    let requests = 0;
    const startFront = async (port: number) => {
      const front = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
      return {
        url: front.url,
        close: async () => {
          ({ requests } = front.statistics);
          await front.close();
        },
      };
    };
    await runScenario(RESET, { client: dropInClient(), startFront });
    expect(requests).toBeGreaterThan(1);
  });

  it("is refused where client or server cannot do what the scenario says", async () => {
    const client = naiveClient((event, data) => event(data));
    const detour = parseScenario("scenario x: y\ndetour unknown-name\nexpect no gap");
    expect(unplayable(detour, { client })).toBe('the requests of "naive" cannot be sent astray');
    await expect(runScenario(detour, { client })).rejects.toMatchObject({ code: "invalid-option" });
    const server = urlServer({ url: "http://127.0.0.1:1/" });
    const kill = parseScenario("scenario x: y\nhub kill\nexpect no gap");
    expect(unplayable(kill, { client, server })).toBe('the server cannot do "hub kill"');
  });

  it("says which step waits in vain", async () => {
    const client: ScenarioClient = {
      name: "dead",
      canDetour: false,
      open: () => ({ close: () => {} }),
    };
    await expect(runScenario(RESET, { client, readyWithinMs: 100 })).rejects.toThrow(
      "x: every reader is live: waited for that in vain, for 0.1 s.",
    );
  });
});
