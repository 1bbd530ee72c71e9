// The refusal of an append to a complete stream, in the words of all logs.

import { StreamError } from "throughline/core";
import type { StreamName } from "./stream-name.js";

/** The error `stream-sealed`. */
export function sealed(name: StreamName): StreamError {
  return new StreamError(`The stream ${name} is complete: nothing can be appended to it.`, {
    code: "stream-sealed",
    fault: "local",
  });
}
