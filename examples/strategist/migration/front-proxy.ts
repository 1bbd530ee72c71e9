// The application's front proxy, as its production script starts it: `vite preview`.

import { fileURLToPath } from "node:url";
import { preview } from "vite";

/** The built page of the example: `vite preview` has to have something to serve. */
const SERVED = fileURLToPath(new URL("../web", import.meta.url));

/** A running front proxy. */
export interface FrontProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts one that passes `/api` on to an origin. */
export async function startFrontProxy(target: string): Promise<FrontProxy> {
  const server = await preview({
    configFile: false,
    logLevel: "silent",
    build: { outDir: SERVED },
    preview: {
      host: "127.0.0.1",
      port: 0,
      proxy: { "/api": { target, changeOrigin: true } },
    },
  });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
