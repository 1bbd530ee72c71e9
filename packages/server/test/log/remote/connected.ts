// A log and its remote user in one process, with a real pair of sockets between them.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLogChannel,
  createRemoteLog,
  type EventLog,
  type RemoteLogOptions,
  type ServeLogOptions,
  serveLog,
} from "@throughline/server/log";

/** Two sockets that are connected to each other, as a process has them with its child. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const folder = mkdtempSync(join(tmpdir(), "throughline-pair-"));
  const path = join(folder, "s");
  const server = createServer().listen(path);
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const one = connect(path);
  await once(one, "connect");
  const [other] = await accepted;
  server.close();
  rmSync(folder, { recursive: true });
  return [one, other];
}

/** Serves a log to a user at the other end of a pair of sockets. */
export async function connectLog(
  log: EventLog,
  options?: RemoteLogOptions,
  served?: ServeLogOptions,
) {
  const [near, far] = await socketPair();
  serveLog(log, createLogChannel(near), served);
  return { remote: createRemoteLog(createLogChannel(far), options), near, far };
}
