// The program of a worker. The primary starts it; it ends with the primary, whatever becomes of that.

import type { Socket } from "node:net";
import type { ToWorker } from "./control.js";
import { work } from "./worker.js";

// Whoever stops the server may send these to all of its processes; the primary says what is to be done.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

process.once("disconnect", () => process.exit(1));

work({
  tell: (message) => {
    if (process.connected) process.send?.(message);
  },
  listen: (listener) => {
    process.on("message", (message, socket) => {
      // The primary sends nothing else, and no other handles.
      listener(message as ToWorker, socket as Socket | undefined);
    });
  },
  exit: (code, lastWord) => {
    if (lastWord === undefined || process.send === undefined) process.exit(code);
    process.send(lastWord, () => process.exit(code));
  },
});
