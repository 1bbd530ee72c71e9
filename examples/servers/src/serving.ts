// What all examples have in common: how they are started and stopped.

import type { AddressInfo } from "node:net";
import type { Hub } from "@throughline/server";

/** Where to listen, and which hub to serve. */
export interface ServeOptions {
  readonly hub: Hub;
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
}

/** A server that listens. */
export interface Serving {
  readonly url: string;
  /** Closes in good order: readers are told to go elsewhere and are gone before it resolves. */
  close(): Promise<void>;
}

/** The address of a server that listens. */
export function urlOf(
  server: { address(): AddressInfo | string | null },
  scheme: "http" | "https" = "http",
): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It listens on no port.");
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}
