// A page that is hidden, frozen and shown again, in a browser that holds back the timers of such pages.

import type { IncidentReport } from "throughline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Chromium, startChromium, type Tab } from "./chromium.js";
import { type PulseServer, startPulseServer } from "./pulse-server.js";

let chromium: Chromium;
let server: PulseServer;
let other: Tab;
let tabs: Tab[] = [];

/** Opens a page with a source, which keeps what it sees in `seen`. */
async function openPage(policy: string | undefined, options: object): Promise<Tab> {
  const tab = await chromium.openTab(server.pageUrl(policy));
  tabs.push(tab);
  await until(() => tab.evaluate("typeof throughline === 'object'"));
  await tab.evaluate(`new Promise((resolve) => {
    globalThis.seen = [];
    globalThis.violations = 0;
    document.addEventListener("securitypolicyviolation", () => (violations += 1));
    globalThis.source = new throughline.EventSource("/feed", ${JSON.stringify(options)});
    source.onmessage = ({ data }) => seen.push(data);
    source.onopen = () => resolve();
  })`);
  return tab;
}

/** Hides a page. */
async function hide(tab: Tab): Promise<void> {
  await other.show();
  await until(() => tab.evaluate("document.hidden"));
}

/** Waits until the browser wakes the page's own timers less than once in three seconds. */
async function untilTimersSleep(tab: Tab): Promise<void> {
  await tab.evaluate(`
    globalThis.rangMs = performance.now();
    setInterval(() => (rangMs = performance.now()), 300);
  `);
  await until(() => tab.evaluate("performance.now() - rangMs > 3000"));
}

/** The first disruption, once it is healed. */
async function healed(tab: Tab): Promise<IncidentReport> {
  const expression = "source.connection.snapshot.incidents[0]?.healedAtMs !== undefined";
  await until(() => tab.evaluate(expression));
  return tab.evaluate("source.connection.snapshot.incidents[0]");
}

/** From outside, where timers are not held back. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

beforeEach(async () => {
  server = await startPulseServer();
  other = await chromium.openTab("about:blank");
  tabs.push(other);
});

afterEach(async () => {
  await Promise.all(tabs.map((tab) => tab.close()));
  tabs = [];
  await server.close();
});

describe("a page whose timers are woken once a minute while it is hidden", () => {
  beforeAll(async () => {
    chromium = await startChromium(
      "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1",
    );
  });
  afterAll(() => chromium.close());

  it.each([
    { name: "a blob", policy: undefined, options: {} },
    {
      name: "a file, where the policy forbids blobs",
      policy: "worker-src 'self'",
      options: { timerWorker: "/timers.js" },
    },
  ])(
    "notices silence within 2 s and is healed within 5 s, by a worker from $name",
    async (page) => {
      const tab = await openPage(page.policy, page.options);
      server.publish("before");
      expect(await chromium.countWorkers()).toBe(0);
      await hide(tab);
      await untilTimersSleep(tab);
      expect(await chromium.countWorkers()).toBe(1);
      server.silence();
      server.publish("meanwhile");
      const {
        lastByteAtMs,
        detectedAtMs,
        begunAtMs = Infinity,
        healedAtMs = Infinity,
      } = await healed(tab);
      expect(detectedAtMs - lastByteAtMs).toBeLessThan(2000);
      expect(begunAtMs - lastByteAtMs).toBeLessThan(2200);
      expect(healedAtMs - lastByteAtMs).toBeLessThan(5000);
      await until(() => tab.evaluate("seen.length === 2"));
      expect(await tab.evaluate("seen")).toEqual(["before", "meanwhile"]);
      expect(server.cursors.at(-1)).toBe("e.1");
      expect(await tab.evaluate("violations")).toBe(0);
      await tab.show();
      await until(async () => (await chromium.countWorkers()) === 0);
    },
  );

  it("has one worker for all its sources, and none when they are closed", async () => {
    const tab = await openPage(undefined, {});
    await tab.evaluate(`new Promise((resolve) => {
      globalThis.second = new throughline.EventSource("/feed");
      second.onopen = () => resolve();
    })`);
    await hide(tab);
    await until(async () => (await chromium.countWorkers()) > 0);
    expect(await chromium.countWorkers()).toBe(1);
    await tab.evaluate("source.close()");
    expect(await chromium.countWorkers()).toBe(1);
    await tab.evaluate("second.close()");
    await until(async () => (await chromium.countWorkers()) === 0);
  });

  it("verifies its connection when it is shown, and makes no request for one that is well", async () => {
    const tab = await openPage(undefined, {});
    await hide(tab);
    const leases = server.leases;
    await tab.show();
    await until(async () => server.leases > leases);
    server.publish("later");
    await until(() => tab.evaluate("seen.length === 1"));
    expect(server.cursors).toHaveLength(1);
  });

  it("leaves its stream when it is frozen, and loses nothing when it thaws", async () => {
    const tab = await openPage(undefined, {});
    server.publish("before");
    await until(() => tab.evaluate("seen.length === 1"));
    await hide(tab);
    await tab.setLifecycle("frozen");
    await until(async () => server.open === 0);
    server.publish("meanwhile");
    await tab.setLifecycle("active");
    await until(() => tab.evaluate("seen.length === 2"));
    expect(await tab.evaluate("seen")).toEqual(["before", "meanwhile"]);
    expect(server.cursors).toEqual([undefined, "e.1"]);
  });

  it("leaves its stream when it is left, and loses nothing when it comes back from the cache", async () => {
    const tab = await openPage(undefined, {});
    server.publish("before");
    await until(() => tab.evaluate("seen.length === 1"));
    await tab.evaluate("addEventListener('pageshow', (event) => (persisted = event.persisted))");
    await tab.navigate(`${server.pageUrl()}elsewhere`);
    await until(async () => server.open === 0);
    server.publish("meanwhile");
    await tab.goBack();
    await until(() => tab.evaluate("typeof seen === 'object' && seen.length === 2"));
    expect(await tab.evaluate("[persisted, ...seen]")).toEqual([true, "before", "meanwhile"]);
    expect(server.cursors).toEqual([undefined, "e.1"]);
  });

  it("is live within 5 s of waking from a sleep in which its stream was lost, and loses nothing", async () => {
    const tab = await openPage(undefined, {});
    server.publish("before");
    await until(() => tab.evaluate("seen.length === 1"));
    chromium.sleep();
    server.silence();
    server.publish("meanwhile");
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const wokenMs = performance.now();
    chromium.wake();
    await until(() => tab.evaluate("seen.length === 2"));
    expect(performance.now() - wokenMs).toBeLessThan(5000);
    expect(await tab.evaluate("seen")).toEqual(["before", "meanwhile"]);
    expect(server.cursors).toEqual([undefined, "e.1"]);
  });

  it("keeps a stream that is well over a sleep that it outlives", async () => {
    const tab = await openPage(undefined, {});
    chromium.sleep();
    server.publish("meanwhile");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    chromium.wake();
    await until(() => tab.evaluate("seen.length === 1"));
    server.publish("later");
    await until(() => tab.evaluate("seen.length === 2"));
    expect(server.cursors).toHaveLength(1);
    expect(await tab.evaluate("source.connection.snapshot.incidents.length")).toBe(0);
  });

  it("keeps a stream that is well when it hears that the network is gone, and back", async () => {
    const tab = await openPage(undefined, {});
    const leases = server.leases;
    await tab.evaluate(
      "void (dispatchEvent(new Event('offline')), dispatchEvent(new Event('online')))",
    );
    await until(async () => server.leases > leases);
    server.publish("later");
    await until(() => tab.evaluate("seen.length === 1"));
    expect(server.cursors).toHaveLength(1);
    expect(await tab.evaluate("source.connection.snapshot.incidents.length")).toBe(0);
  });

  it("replaces a stream that is dead when the network changes, and the application sees nothing", async () => {
    const tab = await openPage(undefined, {});
    server.publish("before");
    await until(() => tab.evaluate("seen.length === 1"));
    await tab.evaluate("void (globalThis.errors = 0, (source.onerror = () => (errors += 1)))");
    server.silence();
    server.publish("meanwhile");
    await until(() => tab.evaluate("source.connection.state === 'stale'"));
    await tab.evaluate("void navigator.connection.dispatchEvent(new Event('change'))");
    await until(() => tab.evaluate("seen.length === 2"));
    expect(await tab.evaluate("[errors, ...seen]")).toEqual([0, "before", "meanwhile"]);
    expect(server.cursors).toEqual([undefined, "e.1"]);
  });
});

describe("a hidden page whose policy allows no worker", () => {
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium.close());

  it.each([
    { name: "has tried once", options: {}, violations: 1 },
    { name: "was told so", options: { timerWorker: false }, violations: 0 },
  ])("goes on with its own timers, seconds late; it $name", async ({ options, violations }) => {
    const tab = await openPage("worker-src 'none'", options);
    server.publish("before");
    await until(() => tab.evaluate("seen.length === 1"));
    await hide(tab);
    server.silence();
    server.publish("meanwhile");
    const { lastByteAtMs, detectedAtMs, healedAtMs = Infinity } = await healed(tab);
    expect(detectedAtMs - lastByteAtMs).toBeLessThan(6000);
    expect(healedAtMs - lastByteAtMs).toBeLessThan(9000);
    await until(() => tab.evaluate("seen.length === 2"));
    expect(await tab.evaluate("seen")).toEqual(["before", "meanwhile"]);
    await tab.show();
    await hide(tab);
    expect(await tab.evaluate("violations")).toBe(violations);
    expect(await chromium.countWorkers()).toBe(0);
  });
});
