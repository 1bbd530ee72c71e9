// An application behind Pushpin: it answers each request with what the reader has missed, and asks
// Pushpin to hold the response open (GRIP). What is published later goes to Pushpin.

import { createServer } from "node:http";
import type { App } from "./app.js";
import type { Row } from "./table.js";

const encode = ({ id }: Row) => `id: ${id}\ndata: ${id}\n\n`;

export const behindPushpin: App = (table) =>
  createServer((request, response) => {
    // Pushpin itself comes back with `after` when it sees that it has missed a message.
    const after = new URL(request.url ?? "/", "http://app").searchParams.get("after");
    const last = after ?? request.headers["last-event-id"]?.toString() ?? "0";
    const rows = table.after(last);
    const newest = rows.at(-1)?.id ?? (Number(last) || 0);
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "grip-hold": "stream",
      "grip-channel": `rows; prev-id=${newest}`,
      "grip-link": `</events?after=${newest}>; rel=next`,
      "grip-keep-alive": ":\\n\\n; format=cstring; timeout=1",
    });
    response.end(`: hello\n\n${rows.map(encode).join("")}`);
  });

/** Tells Pushpin of a new row, at the address where it takes what is to be published. */
export async function publishToPushpin(url: string, row: Row): Promise<void> {
  const item = {
    channel: "rows",
    id: String(row.id),
    "prev-id": String(row.id - 1),
    formats: { "http-stream": { content: encode(row) } },
  };
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ items: [item] }) });
  if (!response.ok) throw new Error(`Pushpin answered ${response.status}.`);
}
