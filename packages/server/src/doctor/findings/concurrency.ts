// Whether several readers are served at once.

import { cureOf } from "../cures.js";
import { type Finding, showMs } from "../finding.js";
import type { Observation } from "../observation.js";
import { partiesSeen } from "../parties.js";

/** Findings about the streams that were opened at once. */
export function findConcurrency(observation: Observation): readonly Finding[] {
  const { streams } = observation;
  if (streams === undefined) return [];
  const { asked, answered, statuses, httpVersion, withinMs } = streams;
  const over = httpVersion === "2" ? "one HTTP/2 connection" : `HTTP/${httpVersion}`;
  if (answered === asked) {
    return [
      {
        severity: "ok",
        code: "streams",
        text: `${asked} streams at once over ${over}: all were answered within ${showMs(withinMs)}.`,
      },
    ];
  }
  const refused = [...new Set(statuses)].join(", ");
  const silent = asked - answered - statuses.length;
  const rest = [
    statuses.length > 0 ? `${statuses.length} were answered ${refused}` : "",
    silent > 0 ? `${silent} not at all within ${showMs(withinMs)}` : "",
  ].filter((text) => text !== "");
  const isLimited = silent === 0 && statuses.every((status) => status === 429 || status === 503);
  return [
    {
      severity: isLimited ? "warning" : "problem",
      code: "streams",
      text:
        `Of ${asked} streams at once over ${over} ${answered === 1 ? "one was" : `${answered} were`} answered; ${rest.join(", ")}. ` +
        "All further readers, and every other request behind the same limit, have to wait.",
      ...(isLimited
        ? {
            culprit: "a limit on connections or requests, by address or identity",
            change:
              "throughline serve --max-connections-per-address …, --subscribe-burst …; nginx: limit_conn, limit_req",
          }
        : cureOf("workers", partiesSeen(observation))),
    },
  ];
}
