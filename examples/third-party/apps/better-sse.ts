// better-sse: sessions with ids, and what a reader has missed sent first.

import { createServer } from "node:http";
import { createSession } from "better-sse";
import { type App, KEEP_ALIVE_MS } from "./app.js";

export const betterSse: App = (table) =>
  createServer(async (request, response) => {
    const session = await createSession(request, response, { keepAlive: KEEP_ALIVE_MS });
    const push = ({ id }: { readonly id: number }) => session.push(id, "message", String(id));
    for (const row of table.after(session.lastId)) push(row);
    session.once("disconnected", table.onInsert(push));
  });

/** As its documentation begins: every event has an id that was made up, and nothing is sent again. */
export const betterSseAsItBegins: App = (table) =>
  createServer(async (request, response) => {
    const session = await createSession(request, response, { keepAlive: KEEP_ALIVE_MS });
    session.once(
      "disconnected",
      table.onInsert(({ id }) => session.push(id, "message")),
    );
  });
