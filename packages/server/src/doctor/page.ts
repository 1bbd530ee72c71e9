// What comes in place of a stream gives away of its maker. Nothing of it is kept.

import type { Answer } from "./exchange.js";
import { openLine } from "./line.js";
import type { Hop } from "./observation.js";

/** Most of a page that is looked at, and for how long. */
const PAGE_BYTES = 16_384;
const PAGE_WITHIN_MS = 1000;

/** Looks at the beginning of a page, and asks its server whether it is Vite's, which says nothing. */
export async function lookAtPage(answer: Answer, url: URL): Promise<Hop["page"]> {
  const read = await readPage(answer);
  return isNameless(answer) && (await isVite(url)) ? "vite" : read;
}

function readPage(answer: Answer): Promise<Hop["page"]> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => {
      clearTimeout(late);
      answer.close();
      resolve(pageKind(text));
    };
    const late = setTimeout(finish, PAGE_WITHIN_MS);
    answer.read({
      onBytes: (bytes) => {
        text += Buffer.from(bytes).toString("latin1");
        if (text.length > PAGE_BYTES) finish();
      },
      onEnd: finish,
    });
  });
}

/** Vite names itself nowhere, and says nothing with its 404. */
function isNameless({ status, headers }: Answer): boolean {
  return (status === 404 || status === 500) && headers["server"] === undefined;
}

/** Whether the module that every page of Vite's dev server loads is there. */
async function isVite(url: URL): Promise<boolean> {
  const opened = await openLine(url);
  if (opened.kind === "unreachable") return false;
  const client = new URL("/@vite/client", url);
  const reply = await opened.line.request({
    method: "GET",
    url: client,
    headers: { accept: "*/*" },
    withinMs: PAGE_WITHIN_MS,
  });
  opened.line.close();
  if (reply.kind !== "answer") return false;
  const { status, headers } = reply.answer;
  return status === 200 && /javascript/.test(headers["content-type"] ?? "");
}

function pageKind(text: string): Hop["page"] {
  if (text === "") return undefined;
  if (text.includes("/@vite/client")) return "vite";
  if (/<center>(?:nginx|openresty)/.test(text)) return "nginx";
  if (/No server is available to handle this request/.test(text)) return "haproxy";
  return /type=["']?password/i.test(text) ? "login" : "other";
}
