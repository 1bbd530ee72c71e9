// Runs inside the server's namespace: accepts connections there, and hands each through a socket in the
// file system, which namespaces share, to the process that measures. It says first which address was asked.

import { connect, createServer } from "node:net";

const [, , socketPath = ""] = process.argv;

process.once("disconnect", () => process.exit());

const server = createServer({ allowHalfOpen: true }, (socket) => {
  const inner = connect({ path: socketPath, allowHalfOpen: true });
  inner.write(`${socket.localAddress ?? ""}\n`);
  socket.setNoDelay(true);
  socket.pipe(inner).pipe(socket);
  inner.on("error", () => socket.resetAndDestroy());
  inner.on("close", () => socket.destroy());
  socket.on("error", () => inner.destroy());
  socket.on("close", () => inner.destroy());
});
server.listen({ port: 0, host: "0.0.0.0", backlog: 1024 }, () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
