import { describe, expect, test } from "vitest";
import { startOrigin } from "../support/origin.js";
import { startProxy } from "../support/proxied.js";
import { openClient } from "../support/raw-client.js";

describe("play", () => {
  test("plays faults one after the other and ends with pass", async () => {
    const proxy = await startProxy(await startOrigin());
    const beganAtMs = performance.now();
    const played = proxy.play([
      { fault: { kind: "refuse" }, forMs: 150 },
      { fault: { kind: "reset-new" }, forMs: 150 },
    ]);
    expect(await openClient(proxy.port).end).toBe("refused");
    expect(await played).toBe("finished");
    expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(295);
    expect(proxy.fault).toEqual({ kind: "pass" });
    const kinds = proxy.statistics.faultChanges.map(({ fault }) => fault.kind);
    expect(kinds).toEqual(["refuse", "reset-new", "pass"]);
  });

  test("strikes and goes on to the next fault without a moment between them", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get();
    await origin.stream();
    const played = proxy.play([
      { fault: { kind: "reset" }, forMs: 0 },
      { fault: { kind: "refuse" }, forMs: 200 },
    ]);
    expect(await client.end).toBe("reset");
    expect(await openClient(proxy.port).end).toBe("refused");
    await played;
  });

  test("is interrupted by the next call", async () => {
    const proxy = await startProxy(await startOrigin());
    const first = proxy.play([{ fault: { kind: "refuse" }, forMs: 60_000 }]);
    const second = proxy.play([{ fault: { kind: "accept-stall" }, forMs: 60_000 }]);
    expect(await first).toBe("interrupted");
    await proxy.set({ kind: "delay", ms: 5 });
    expect(await second).toBe("interrupted");
    expect(proxy.fault).toEqual({ kind: "delay", ms: 5 });
  });

  test("refuses a schedule with a step that cannot be played, before it begins", async () => {
    const proxy = await startProxy(await startOrigin());
    const steps = [
      { fault: { kind: "refuse" }, forMs: 10 },
      { fault: { kind: "delay", ms: -1 }, forMs: 10 },
    ] as const;
    await expect(proxy.play(steps)).rejects.toMatchObject({ code: "invalid-option" });
    expect(proxy.statistics.faultChanges).toEqual([]);
  });
});

describe("flap", () => {
  test("resets and refuses by turns, and is up afterwards", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const client = openClient(proxy.port);
    client.get("/reply");
    await client.sees("ok");
    const flapped = proxy.flap({ upMs: 100, downMs: 100, forMs: 400 });
    expect(await client.end).toBe("reset");
    expect(await openClient(proxy.port).end).toBe("refused");
    expect(await flapped).toBe("finished");
    const next = openClient(proxy.port);
    next.get("/reply");
    await next.sees("ok");
  });
});

describe("close", () => {
  test("closes every connection and the port, whatever is wrong at the time", async () => {
    const origin = await startOrigin();
    const proxy = await startProxy(origin);
    const streaming = openClient(proxy.port);
    streaming.get();
    await origin.stream();
    const played = proxy.play([{ fault: { kind: "freeze", direction: "both" }, forMs: 60_000 }]);
    const swallowed = openClient(proxy.port);
    swallowed.get();
    await swallowed.listen(50);
    await proxy.close();
    expect(await played).toBe("interrupted");
    await Promise.all([streaming.end, swallowed.end]);
    expect(await openClient(proxy.port).end).toBe("refused");
    expect(proxy.connections).toBe(0);
  });

  test("may be called twice, and ends the use of the proxy", async () => {
    const proxy = await startProxy(await startOrigin());
    await Promise.all([proxy.close(), proxy.close()]);
    await expect(proxy.set({ kind: "pass" })).rejects.toMatchObject({ code: "invalid-state" });
  });
});
