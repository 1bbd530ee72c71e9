import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Document } from "./documents.js";
import { createEndpoints } from "./endpoints.js";

/** A running test server: the same endpoints on two ports of one host, hence on two origins. */
export interface WebPlatformServer {
  /** Where the pages are; without a trailing slash. */
  readonly origin: string;
  /** The other origin. Same site, so cookies go to both where a request may carry them at all. */
  readonly crossOrigin: string;
  /** Ends all connections and frees both ports. */
  close(): Promise<void>;
}

/**
 * Starts the server that the cases talk to.
 *
 * @param documents The pages and scripts to serve besides the endpoints, by path.
 */
export async function startWebPlatformServer(
  documents: ReadonlyMap<string, Document>,
): Promise<WebPlatformServer> {
  const listener = createListener(documents);
  const servers = [createServer(listener), createServer(listener)] as const;
  const [origin, crossOrigin] = await Promise.all([listen(servers[0]), listen(servers[1])]);
  return {
    origin,
    crossOrigin,
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

function createListener(documents: ReadonlyMap<string, Document>): RequestListener {
  const endpoints = createEndpoints();
  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://host");
    const endpoint = endpoints.get(url.pathname);
    const document = documents.get(url.pathname);
    if (endpoint !== undefined) {
      endpoint({ request, response, query: url.searchParams });
    } else if (document !== undefined) {
      // Without `Origin-Agent-Cluster: ?0` the setter of `document.domain` does nothing.
      const headers = { "Content-Type": document.mime, "Origin-Agent-Cluster": "?0" };
      response.writeHead(200, headers).end(document.text);
    } else {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("There is nothing here.");
    }
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server that listens has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
