import { onTestFinished } from "vitest";
import { createFaultProxy, type FaultProxy } from "../../src/fault-proxy/index.js";

/** A fault proxy in front of a server, closed when the test is over. */
export async function startProxy(origin: {
  readonly address: { readonly host: string; readonly port: number };
}): Promise<FaultProxy> {
  const proxy = await createFaultProxy({ upstream: origin.address });
  onTestFinished(() => proxy.close());
  return proxy;
}
