import { useCallback, useEffect, useState } from "react";
import {
  type FaultName,
  type FaultRecord,
  type FaultStatus,
  parseFaultStatus,
} from "../model/fault.js";
import { getJson, type JsonAnswer, postJson } from "./fetch-json.js";

/** The switch of the link. */
export interface Faults {
  readonly active: FaultRecord | undefined;
  /** Past and present faults, oldest first. */
  readonly records: readonly FaultRecord[];
  /** What the server's clock is ahead of this machine's, in milliseconds. */
  readonly clockAheadMs: number;
  /** What went wrong with the last request, if anything. */
  readonly error: string | undefined;
  start(fault: FaultName): void;
  recover(): void;
}

interface Known {
  readonly status: FaultStatus | undefined;
  readonly clockAheadMs: number;
  readonly error: string | undefined;
}

const POLL_MS = 1000;

/** Knows the state of the link, also where another tab or a script changes it. */
export function useFaults(): Faults {
  const [known, setKnown] = useState<Known>({
    status: undefined,
    clockAheadMs: 0,
    error: undefined,
  });

  const ask = useCallback(async (request: () => Promise<JsonAnswer>) => {
    const sentMs = Date.now();
    const answer = await request();
    const receivedMs = Date.now();
    const status = answer.kind === "ok" ? parseFaultStatus(answer.json) : undefined;
    setKnown((before) =>
      status === undefined
        ? { ...before, error: answer.kind === "failed" ? answer.message : "The answer is unclear." }
        : { status, clockAheadMs: status.nowMs - (sentMs + receivedMs) / 2, error: undefined },
    );
  }, []);

  useEffect(() => {
    const poll = () => void ask(() => getJson("/demo/fault"));
    poll();
    const timer = setInterval(poll, POLL_MS);
    return () => clearInterval(timer);
  }, [ask]);

  const { status, clockAheadMs, error } = known;
  const active = status?.active;
  return {
    active,
    records: [...(status?.history ?? []), ...(active === undefined ? [] : [active])],
    clockAheadMs,
    error,
    start: (fault) => void ask(() => postJson("/demo/fault", { fault })),
    recover: () => void ask(() => postJson("/demo/fault", { fault: null })),
  };
}
