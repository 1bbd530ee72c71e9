// Express, with the lines written by hand, as in most of its tutorials.

import { createServer } from "node:http";
import express, { type Response } from "express";
import { type App, KEEP_ALIVE_MS } from "./app.js";

/** Without ids: a reader that comes back cannot say what it had. */
export const expressWithoutIds: App = (table) => {
  const app = express();
  app.get("/events", (_request, response) => {
    begin(response);
    response.once(
      "close",
      table.onInsert(({ id }) => response.write(`data: ${id}\n\n`)),
    );
  });
  return createServer(app);
};

/** With ids, and with what a reader has missed. */
export const expressWithIds: App = (table) => {
  const app = express();
  app.get("/events", (request, response) => {
    begin(response);
    const write = ({ id }: { readonly id: number }) => response.write(`id: ${id}\ndata: ${id}\n\n`);
    for (const row of table.after(request.get("last-event-id"))) write(row);
    response.once("close", table.onInsert(write));
  });
  return createServer(app);
};

function begin(response: Response): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(": hello\n\n");
  const timer = setInterval(() => response.write(": keep-alive\n\n"), KEEP_ALIVE_MS);
  response.once("close", () => clearInterval(timer));
}
