// Reads the body of an answer as an event stream, with the parser of the client.

import { createParser, type ParserHandlers, StreamError } from "throughline/core";
import { createBodyDecoder } from "./body-decoder.js";
import type { Answer } from "./exchange.js";

/** How the reading of a stream ends. */
export type StreamEndKind = "closed" | "cut" | "encoding" | "too-large";

/** Is told of a stream, beside what the parser tells. */
export interface StreamListener extends ParserHandlers {
  /** Bytes came over the wire; what is in them follows. */
  onBytes(count: number): void;
  /** Text was parsed. */
  onText(text: string): void;
  /** `encoding`: it cannot be undone; `too-large`: an event is. Nothing follows. */
  onEnd(kind: StreamEndKind): void;
}

/** Reads until the end, or until the answer is closed. Returns how to stop. */
export function readStream(answer: Answer, listener: StreamListener): () => void {
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = createParser(listener);
  let hasEnded = false;
  const end = (kind: StreamEndKind) => {
    if (hasEnded) return;
    hasEnded = true;
    decoder?.close();
    listener.onEnd(kind);
  };
  const stop = () => {
    hasEnded = true;
    decoder?.close();
    answer.close();
  };
  const giveUp = (kind: "encoding" | "too-large") => {
    answer.close();
    end(kind);
  };
  const decoder = createBodyDecoder(
    answer.headers["content-encoding"],
    (bytes) => {
      if (hasEnded) return;
      const piece = text.decode(bytes, { stream: true });
      try {
        parser.push(piece);
      } catch (error) {
        if (!(error instanceof StreamError)) throw error;
        return giveUp("too-large");
      }
      if (!hasEnded) listener.onText(piece);
    },
    () => giveUp("encoding"),
  );
  answer.read({
    onBytes: (bytes) => {
      if (hasEnded) return;
      listener.onBytes(bytes.length);
      decoder?.push(bytes);
    },
    // What the decoder still holds comes out in turns that follow.
    onEnd: (kind) => setImmediate(end, kind),
  });
  return stop;
}
