// The servers under test, each as the suite wants it: a way to start it on a port, and to add a row.

import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@throughline/testkit";
import type { App } from "../apps/app.js";
import { betterSse, betterSseAsItBegins } from "../apps/better-sse.js";
import { expressWithIds, expressWithoutIds } from "../apps/express.js";
import { fastify } from "../apps/fastify.js";
import { hono } from "../apps/hono.js";
import { behindPushpin, publishToPushpin } from "../apps/pushpin.js";
import { Table } from "../apps/table.js";
import { isThere, startProcess } from "./process.js";

/** A server that can be started, and started again with the rows that it had. */
export interface Stage {
  /** Where readers come. The same after every start. */
  readonly port: number;
  start(): Promise<void>;
  /** Ends it at once: its connections break. */
  kill(): Promise<void>;
  /** Adds a row, also while the server is away where its rows are not in it; says its number. */
  insert(): Promise<number>;
  close(): Promise<void>;
}

/** What a server can do for a reader that comes back. */
export interface Kind {
  readonly name: string;
  /** Whether its ids and its memory cover what a reader has missed. */
  readonly replays: boolean;
  /** Whether they do so, too, when it was restarted meanwhile. */
  readonly survivesRestart: boolean;
  /** Whether its signs of life come at equal distances. */
  readonly isRegular: boolean;
  /** Why its tests cannot run here; `undefined` where they can. */
  readonly missing?: string | undefined;
  open(): Promise<Stage>;
}

const apps = (name: string) => fileURLToPath(new URL(`../apps/${name}`, import.meta.url));
const NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const NGINX = "/usr/sbin/nginx";
const PUSHPIN = "/usr/bin/pushpin";

/** As in examples/strategist: what `npm test` or `node scripts/python.mjs` has made. */
const python =
  process.env["FLASK_PYTHON_PATH"] ??
  fileURLToPath(new URL("../../../.generated/flask/bin/python", import.meta.url));

const REPLAYS = { replays: true, survivesRestart: true, isRegular: true };
const FORGETS = { replays: false, survivesRestart: false, isRegular: true };

export const kinds: readonly Kind[] = [
  { name: "better-sse", ...REPLAYS, open: () => openApp(betterSse) },
  {
    name: "better-sse as its documentation begins",
    ...FORGETS,
    open: () => openApp(betterSseAsItBegins),
  },
  { name: "Hono", ...REPLAYS, open: () => openApp(hono) },
  { name: "Fastify", ...REPLAYS, open: () => openApp(fastify) },
  { name: "Express with ids", ...REPLAYS, open: () => openApp(expressWithIds) },
  { name: "Express without ids", ...FORGETS, open: () => openApp(expressWithoutIds) },
  {
    name: "Flask under gunicorn",
    ...REPLAYS,
    missing: isThere(python) ? undefined : "no Python with Flask and gunicorn",
    open: openFlask,
  },
  {
    name: "nchan",
    replays: true,
    // Its messages are in its memory.
    survivesRestart: false,
    isRegular: true,
    missing: isThere(NGINX) && isThere(NCHAN, false) ? undefined : "no nginx with nchan",
    open: openNchan,
  },
  {
    name: "Pushpin",
    ...REPLAYS,
    // It scatters them, so that not all connections have theirs at once.
    isRegular: false,
    missing: isThere(PUSHPIN) ? undefined : "no Pushpin",
    open: openPushpin,
  },
];

/** A server of Node, in the process of the test; its rows are outside of it, as in a database. */
async function openApp(app: App): Promise<Stage> {
  const table = new Table();
  const port = await freePort();
  let kill = async () => {};
  return {
    port,
    start: async () => {
      const server = (await app(table)).listen(port, "127.0.0.1");
      await once(server, "listening");
      kill = async () => {
        server.close();
        server.closeAllConnections();
      };
    },
    kill: () => kill(),
    insert: async () => table.insert().id,
    close: () => kill(),
  };
}

async function openFlask(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "throughline-flask-"));
  const port = await freePort();
  const args = ["-m", "gunicorn", "--chdir", apps("."), "--bind", `127.0.0.1:${port}`];
  const workers = ["--worker-class", "gthread", "--threads", "8", "--worker-tmp-dir", folder];
  return inProcess(folder, port, {
    start: () =>
      startProcess({
        program: python,
        args: [...args, ...workers, "feed:app"],
        folder,
        env: { DATABASE: join(folder, "rows.sqlite"), PYTHONDONTWRITEBYTECODE: "1" },
        ports: [port],
      }),
    insert: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/rows`, { method: "POST" });
      return Number(await response.text());
    },
  });
}

async function openNchan(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "throughline-nchan-"));
  const port = await freePort();
  await fillIn("nchan.conf", join(folder, "nginx.conf"), { PORT: port, FOLDER: folder });
  let count = 0;
  return inProcess(folder, port, {
    start: () =>
      startProcess({
        program: NGINX,
        args: ["-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")],
        folder,
        ports: [port],
      }),
    insert: async () => {
      const body = String(count + 1);
      await fetch(`http://127.0.0.1:${port}/rows`, { method: "POST", body });
      count += 1;
      return count;
    },
  });
}

/** Pushpin alone is killed: its application goes on, as it would. */
async function openPushpin(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "throughline-pushpin-"));
  const [port, publishPort] = await Promise.all([freePort(), freePort()]);
  const table = new Table();
  const server = behindPushpin(table);
  const app = (await server).listen(0, "127.0.0.1");
  await once(app, "listening");
  const address = app.address();
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  await writeFile(join(folder, "routes"), `* 127.0.0.1:${address.port}\n`);
  const values = { PUBLISH_PORT: publishPort, PORT: port, FOLDER: folder };
  await fillIn("pushpin.conf", join(folder, "pushpin.conf"), values);
  const stage = inProcess(folder, port, {
    start: () =>
      startProcess({
        program: PUSHPIN,
        args: ["--merge-output", "--config", join(folder, "pushpin.conf")],
        folder,
        ports: [port, publishPort],
        isAsked: true,
      }),
    insert: async () => {
      const row = table.insert();
      // Where Pushpin is away, readers get the row from the application when they come back.
      await publishToPushpin(`http://127.0.0.1:${publishPort}/publish/`, row).catch(() => {});
      return row.id;
    },
  });
  return {
    ...stage,
    close: async () => {
      await stage.close();
      app.close();
      app.closeAllConnections();
    },
  };
}

interface Program {
  start(): Promise<() => Promise<void>>;
  insert(): Promise<number>;
}

function inProcess(folder: string, port: number, { start, insert }: Program): Stage {
  let kill = async () => {};
  return {
    port,
    insert,
    start: async () => {
      kill = await start();
    },
    kill: () => kill(),
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes a configuration with the given values in place of their names. */
async function fillIn(
  name: string,
  path: string,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  let text = await readFile(apps(name), "utf8");
  for (const [word, value] of Object.entries(values)) text = text.replaceAll(word, String(value));
  await writeFile(path, text);
}
