// A connection to a backend that may answer, and close, before it has read all that it is sent.

import { Agent, type ClientRequestArgs } from "node:http";
import { Socket } from "node:net";

type Done = (error?: Error | null) => void;

/**
 * A socket that goes on reading when it cannot be written to any more. Node's own gives up both ways,
 * and so loses an answer that had come already: a 413 to an upload that is too large would never be
 * seen. What is written afterwards goes nowhere; how the connection ended is told by reading, which a
 * peer that is gone ends at once.
 */
class PatientSocket extends Socket {
  #isBroken = false;

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    if (this.#isBroken) done();
    else super._write(chunk, encoding, this.#unlessGone(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    if (this.#isBroken) done();
    else super._writev?.(chunks, this.#unlessGone(done));
  }

  #unlessGone(done: Done): Done {
    return (error) => {
      if (!isGone(error)) {
        done(error);
        return;
      }
      this.#isBroken = true;
      done();
    };
  }
}

/** Opens patient sockets, for plain HTTP. */
export class PatientAgent extends Agent {
  override createConnection({ host, port }: ClientRequestArgs): Socket {
    return new PatientSocket().connect({ host: host ?? "localhost", port: Number(port ?? 80) });
  }
}

function isGone(error: Error | null | undefined): boolean {
  if (error === null || error === undefined || !("code" in error)) return false;
  return error.code === "EPIPE" || error.code === "ECONNRESET";
}
