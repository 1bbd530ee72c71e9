// From what was seen to what it means: pure, so that every case can be tested without a network.

import type { Finding, Severity } from "./finding.js";
import { findBody } from "./findings/body.js";
import { findConcurrency } from "./findings/concurrency.js";
import { findGreeting } from "./findings/greeting.js";
import { findLiveness } from "./findings/liveness.js";
import { findOpening } from "./findings/opening.js";
import { findOtherOrigins } from "./findings/other-origins.js";
import { findResuming } from "./findings/resuming.js";
import type { Observation } from "./observation.js";

const ORDER: readonly Severity[] = ["problem", "warning", "ok"];

/** All findings, the worst first. */
export function diagnose(observation: Observation): readonly Finding[] {
  const findings = [
    ...findOpening(observation),
    ...findBody(observation),
    ...findLiveness(observation),
    ...findGreeting(observation),
    ...findResuming(observation),
    ...findConcurrency(observation),
    ...findOtherOrigins(observation),
  ];
  return ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
