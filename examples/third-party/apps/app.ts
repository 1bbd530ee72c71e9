// What every server here has in common: it streams the rows of a table at `/events`.

import type { Server } from "node:http";
import type { Table } from "./table.js";

/** Makes a server that does not listen yet. */
export type App = (table: Table) => Server | Promise<Server>;

/** How often a stream without rows gives a sign of life, as the servers' own options have it. */
export const KEEP_ALIVE_MS = 1100;
