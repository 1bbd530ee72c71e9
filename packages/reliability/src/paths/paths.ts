// All paths, in the order of the tables.

import { GATEWAY } from "./gateway-path.js";
import { BEHIND_PROXIES, DIRECT, ENCRYPTED } from "./hub-path.js";
import type { PathKind } from "./path.js";

/** Every path of the matrix. */
export const PATHS: readonly PathKind[] = [DIRECT, ...BEHIND_PROXIES, ENCRYPTED, GATEWAY];
