// Which ways are measured, and under which faults a setting is that is to help.

import type { FaultName } from "./fault.js";
import type { ReaderName } from "./page-api.js";
import type { WayKind } from "./way.js";

const today: WayKind = { name: "as today", hasDropIn: false, hasGateway: false };
const gatewayOnly: WayKind = { name: "gateway only", hasDropIn: false, hasGateway: true };
const dropInOnly: WayKind = { name: "drop-in only", hasDropIn: true, hasGateway: false };
const both: WayKind = { name: "both", hasDropIn: true, hasGateway: true };

/** The four, in the order of the table. */
export const WAYS: readonly WayKind[] = [today, gatewayOnly, dropInOnly, both];

/** A setting that mends what one of the four leaves open. */
export interface Remedy {
  /** The way with the setting. */
  readonly way: WayKind;
  /** The one without it. */
  readonly without: WayKind;
  readonly reader: ReaderName;
  readonly faults: readonly FaultName[];
}

export const REMEDIES: readonly Remedy[] = [
  {
    way: { ...gatewayOnly, name: "gateway only, `fresh: { newest: 10 }`", newest: 10 },
    without: gatewayOnly,
    reader: "class",
    faults: ["reset", "refused", "502", "502-burst"],
  },
  {
    way: { ...both, name: "both, `continuity`", isContinuing: true },
    without: both,
    reader: "class",
    faults: ["refused", "502", "502-burst", "unanswered", "gateway-kill"],
  },
  {
    way: { ...both, name: "both, `quiet`", isQuiet: true },
    without: both,
    reader: "class",
    faults: ["reset", "refused", "502", "502-burst", "unanswered", "gateway-kill"],
  },
  {
    way: { ...both, name: "both, `identity: shared`", isShared: true },
    without: both,
    reader: "bare",
    faults: ["session"],
  },
  {
    way: { ...dropInOnly, name: "drop-in only, `provenAfterMs: 1000`", provenAfterMs: 1000 },
    without: dropInOnly,
    reader: "bare",
    faults: ["complete"],
  },
];
