// What the browser talks to: the page, the demonstration's own endpoints, and, over the link that
// can be broken, everything that streams.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { forward, type LinkTarget } from "./faulty-link.js";
import { RequestError, sendJson } from "./json-http.js";
import type { StaticFiles } from "./static-files.js";

/** Answers one kind of request; what it throws is answered, too. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => unknown;

/** Routes by method and path: `GET /demo/fault`. */
export type Routes = Readonly<Record<string, Route>>;

/** What the front server hands requests to. */
export interface FrontServerParts {
  readonly files: StaticFiles;
  readonly routes: Routes;
  /** Where the link begins. */
  readonly link: LinkTarget;
  /** Which requests go over the link. */
  readonly isOverLink: (request: IncomingMessage, url: URL) => boolean;
}

/** Builds the request listener of the front server. */
export function createFrontServer(parts: FrontServerParts): RequestListener {
  const { files, routes, link, isOverLink } = parts;
  return (request, response) => {
    const path = request.url ?? "/";
    // "//" would be the beginning of a host, and names none.
    if (!URL.canParse(path, "http://front")) {
      response.writeHead(400).end();
      return;
    }
    const url = new URL(path, "http://front");
    if (isOverLink(request, url)) {
      forward(link, url.pathname + url.search, request, response);
      return;
    }
    const route = routes[`${request.method} ${url.pathname}`];
    if (route === undefined) files(request, response);
    else answer(route, request, response, url);
  };
}

async function answer(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    await route(request, response, url);
  } catch (error) {
    const known = error instanceof RequestError;
    if (!known) console.error(`${request.method} ${url.pathname} failed:`, error);
    if (response.headersSent) response.destroy();
    else {
      sendJson(response, known ? error.status : 500, {
        error: known ? error.message : "This is a defect of the example; see the server's output.",
      });
    }
  }
}
