import { useCallback, useEffect, useState } from "react";
import {
  type FaultName,
  type FaultRecord,
  type FaultStatus,
  parseFaultStatus,
} from "../model/fault.js";
import { getJson, type JsonAnswer, postJson } from "./fetch-json.js";

/** The switch of something that can be broken. */
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

/**
 * Knows the state of what can be broken, also where another tab or a script changes it.
 *
 * @param url where its switch is; `undefined`: there is none, and nothing is asked
 */
export function useFaults(url: string | undefined): Faults {
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
    if (url === undefined) return;
    const poll = () => void ask(() => getJson(url));
    poll();
    const timer = setInterval(poll, POLL_MS);
    return () => clearInterval(timer);
  }, [ask, url]);

  const set = (fault: FaultName | null) => {
    if (url !== undefined) void ask(() => postJson(url, { fault }));
  };
  const { status, clockAheadMs, error } = known;
  const active = status?.active;
  return {
    active,
    records: [...(status?.history ?? []), ...(active === undefined ? [] : [active])],
    clockAheadMs,
    error,
    start: set,
    recover: () => set(null),
  };
}

/** The faults of the link and those of what is behind it, by their beginnings. */
export function mergeRecords(link: Faults, source: Faults | undefined): readonly FaultRecord[] {
  const records = [...link.records, ...(source?.records ?? [])];
  return records.sort((a, b) => a.startedAtMs - b.startedAtMs);
}
