import { cursorTarget } from "./cursor-target.js";
import { encoderTarget } from "./encoder-target.js";
import { publishTarget, subscribeTarget } from "./hub-targets.js";
import { parserTarget } from "./parser-target.js";
import type { FuzzTarget } from "./target.js";

/** Everything that can be fuzzed without sockets. */
export const TARGETS: readonly FuzzTarget[] = [
  parserTarget,
  encoderTarget,
  publishTarget,
  subscribeTarget,
  cursorTarget,
];
