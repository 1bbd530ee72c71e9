// Whether several readers are served at once.

import { type Cure, cureOf } from "../cures.js";
import { type Finding, showMs } from "../finding.js";
import type { Observation } from "../observation.js";
import { partiesSeen } from "../parties.js";

/** Findings about the streams that were opened at once. */
export function findConcurrency(observation: Observation): readonly Finding[] {
  const { streams } = observation;
  if (streams === undefined) return [];
  const { asked, answered, statuses, refused, httpVersion, withinMs } = streams;
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
  const others = [...new Set(statuses)].join(", ");
  const silent = asked - answered - statuses.length - refused;
  const rest = [
    statuses.length > 0 ? `${statuses.length} were answered ${others}` : "",
    refused > 0 ? `${refused} were ended without an answer` : "",
    silent > 0 ? `${silent} not at all within ${showMs(withinMs)}` : "",
  ].filter((text) => text !== "");
  const isRefusal = (status: number) => status === 429 || status === 503;
  const isLimited =
    silent === 0 && statuses.every(isRefusal) && (refused === 0 || httpVersion === "2");
  return [
    {
      severity: isLimited ? "warning" : "problem",
      code: "streams",
      text:
        `Of ${asked} streams at once over ${over} ${answered === 1 ? "one was" : `${answered} were`} answered; ${rest.join(", ")}. ` +
        "All further readers, and every other request behind the same limit, have to wait.",
      ...(isLimited ? limitCure(refused) : cureOf("workers", partiesSeen(observation))),
    },
  ];
}

function limitCure(refused: number): Cure {
  return refused > 0
    ? {
        culprit: "a limit on the streams of one HTTP/2 connection",
        change:
          "http2_max_concurrent_streams 128;   (nginx), tune.h2.max-concurrent-streams 100   (HAProxy)",
      }
    : {
        culprit: "a limit on connections or requests, by address or identity",
        change:
          "throughline serve --max-connections-per-address …, --subscribe-burst …; nginx: limit_conn, limit_req",
      };
}
