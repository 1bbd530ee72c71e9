// Writes the lines of one turn of the event loop in one piece. Writing to a pipe or a file holds everything up
// until it is done; when thousands of connections end at once, each with a line, that is what their
// reconnecting would wait for.

import type { Output } from "./cli-host.js";

/** Collects what is written in a turn. A process that ends before the turn does writes it at its end. */
export function linesInTurns(destination: Output): Output {
  let pending = "";
  const flush = () => {
    process.off("exit", flush);
    const text = pending;
    pending = "";
    if (text !== "") destination.write(text);
  };
  return {
    write: (text) => {
      if (pending === "") {
        process.on("exit", flush);
        setImmediate(flush);
      }
      pending += text;
    },
  };
}
