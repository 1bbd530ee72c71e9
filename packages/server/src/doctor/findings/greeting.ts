// What is particular to a Throughline server: the greeting, the lease, gaps.

import { PROTOCOL_VERSION } from "throughline/core";
import type { Finding } from "../finding.js";
import type { LeaseSeen, Observation, StreamSeen } from "../observation.js";

/** Findings about the protocol of Throughline; none for other servers but that they are others. */
export function findGreeting({ stream, lease, opening }: Observation): readonly Finding[] {
  if (stream === undefined || opening.kind !== "answered") return [];
  // Without a byte, or one that can be read, nobody knows what it is.
  if (stream.firstByteMs === undefined || stream.undecodable !== undefined) return [];
  const { hello } = stream;
  if (hello === undefined) {
    return [
      {
        severity: "ok",
        code: "greeting",
        text: "This is no Throughline server (no greeting). Throughline's client reads it all the same, with what such a server can give.",
      },
    ];
  }
  const { protocol, head } = hello;
  return [
    protocol === PROTOCOL_VERSION
      ? {
          severity: "ok",
          code: "greeting",
          text: `A Throughline server, protocol ${protocol}, with its head at ${head}.`,
        }
      : {
          severity: "problem",
          code: "greeting",
          text: `A Throughline server of protocol ${protocol}; this program knows ${PROTOCOL_VERSION}.`,
          change: "bring client and server to the same version",
        },
    ...leased(lease),
    ...gaps(stream),
  ];
}

function leased(lease: LeaseSeen | undefined): readonly Finding[] {
  if (lease === undefined) return [];
  const path = URL.canParse(lease.url) ? new URL(lease.url).pathname : lease.url;
  const finding = (
    severity: Finding["severity"],
    what: string,
    more: Pick<Finding, "culprit" | "change"> = {},
  ): readonly Finding[] => [
    { severity, code: "lease", text: `The lease (POST ${path}) ${what}`, ...more },
  ];
  const route = {
    culprit: "a proxy that passes on the path of streams, and not that of leases, or no POST",
    change: "pass /leases on to the same servers as /streams, with POST",
  };
  if (lease.kind === "other-origin") {
    return finding(
      "warning",
      "is at another origin, where clients do not send it: dead browsers keep their place for long.",
      route,
    );
  }
  if (lease.kind === "no-answer") {
    return finding("warning", "is not answered: dead browsers keep their place for long.", route);
  }
  if (lease.isSound) return finding("ok", "is answered.");
  if (lease.status === 421) {
    return finding("ok", "came to another hub behind the same address (421), which is allowed.");
  }
  if (lease.status === 404) {
    return finding(
      "problem",
      "is answered 404: the client believes that nobody writes to its connection any more, and connects again, every time.",
      route,
    );
  }
  return finding(
    "warning",
    `is answered ${lease.status}, which is no lease's answer: dead browsers keep their place for long.`,
    route,
  );
}

function gaps({ gaps: reasons }: StreamSeen): readonly Finding[] {
  if (reasons.length === 0) return [];
  return [
    {
      severity: "warning",
      code: "gap",
      text: `The server told of missing events (${[...new Set(reasons)].join(", ")}) while this watched.`,
      change: "PROTOCOL.md §7 says what each reason means",
    },
  ];
}
