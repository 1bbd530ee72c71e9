// The state light.

import type { CSSProperties, ReactNode } from "react";
import { useEffect, useReducer, useState } from "react";
import type { ConnectionSnapshot } from "../client/index.js";
import type { ConnectionPhase } from "./phase.js";
import { phaseOf } from "./phase.js";
import { beginSteady, settle, steadyDeadlineMs } from "./steady-state.js";
import { useConnectionStatus } from "./use-connection-status.js";
import type { StatusWords } from "./words.js";
import { ENGLISH } from "./words.js";

/** Props of {@link ConnectionStatus}. */
export interface ConnectionStatusProps {
  /** The connection to show. Default: all below the nearest provider, as one. */
  readonly connection?: ConnectionSnapshot | undefined;
  /** What is connected; stands before the words. Default: nothing. */
  readonly label?: string | undefined;
  readonly className?: string | undefined;
  /** Words in place of the English ones, one by one. */
  readonly words?: Partial<StatusWords> | undefined;
}

/**
 * A light that says how a connection is: a dot, and words beside it.
 *
 * It does not flash: a disruption that heals within a second is not shown, and one that is shown
 * stays for at least a second. It is a live region, so that changes are read out; the countdown to
 * the next attempt is only seen. The dot is filled while the connection is live or complete and a
 * ring otherwise, so that nothing hangs on its colour.
 *
 * For styling, the element and the dot (`data-part="dot"`) carry the phase as `data-state`: `idle`,
 * `connecting`, `live`, `stale`, `source-stale` (live, but the server says that what fills the stream
 * is away), `reconnecting`, `paused`, `closed` or `failed`. Colour and size of the dot are the custom
 * properties `--throughline-dot-colour` and `--throughline-dot-size`; set them, for each phase if you
 * like, to override the defaults.
 *
 * @throws StreamError `invalid-state` while rendering, without `connection` and without provider
 */
export function ConnectionStatus({ connection, ...props }: ConnectionStatusProps): ReactNode {
  return connection === undefined ? (
    <StatusOfAll {...props} />
  ) : (
    <Light connection={connection} {...props} />
  );
}

function StatusOfAll(props: Omit<ConnectionStatusProps, "connection">): ReactNode {
  return <Light connection={useConnectionStatus()} {...props} />;
}

function Light({
  connection,
  label,
  className,
  words,
}: ConnectionStatusProps & { readonly connection: ConnectionSnapshot }): ReactNode {
  const shown = useSteady(connection);
  const seconds = useSecondsUntil(shown.nextAttemptAtMs);
  const phase = phaseOf(shown);
  const said: StatusWords = { ...ENGLISH, ...words };
  const isCounting = seconds >= COUNTED_FROM_S;
  return (
    <span
      role="status"
      aria-live="polite"
      aria-atomic="true"
      className={className}
      data-state={phase}
    >
      <span aria-hidden="true" data-part="dot" data-state={phase} style={dotStyle(phase)} />
      {label !== undefined && `${label}: `}
      {/* Spoken text that does not change is not spoken again, whatever is seen meanwhile. */}
      <span style={isCounting ? SPOKEN_ONLY : undefined}>{textOf(phase, shown, said)}</span>
      {isCounting && <span aria-hidden="true">{said.reconnectingIn(seconds)}</span>}
    </span>
  );
}

/** Waits shorter than this are not counted: a number that is gone at once is only unrest. */
const COUNTED_FROM_S = 2;

export const SPOKEN_ONLY: CSSProperties = {
  position: "absolute",
  width: 1,
  height: 1,
  // What is only clipped can still make the page scroll.
  overflow: "hidden",
  clipPath: "inset(50%)",
};

/** Dark enough on white, and light enough on black, for a contrast of 3:1 (WCAG 2.2, 1.4.11). */
const COLOURS: Readonly<Partial<Record<ConnectionPhase, string>>> = {
  live: "#1a8f4a",
  stale: "#b36b00",
  "source-stale": "#b36b00",
  reconnecting: "#b36b00",
  failed: "#d13438",
};
const CALM_COLOUR = "#767676";

/** Drawn as a border, which stays visible where the system imposes its own colours. */
function dotStyle(phase: ConnectionPhase): CSSProperties {
  const size = "var(--throughline-dot-size, 0.625em)";
  const isFilled = phase === "live" || phase === "closed";
  return {
    display: "inline-block",
    boxSizing: "border-box",
    width: size,
    height: size,
    marginInlineEnd: "0.5em",
    borderRadius: "50%",
    border: `calc(${size} / ${isFilled ? 2 : 5}) solid var(--throughline-dot-colour, ${COLOURS[phase] ?? CALM_COLOUR})`,
  };
}

function textOf(
  phase: ConnectionPhase,
  { reason, isDegraded }: ConnectionSnapshot,
  words: StatusWords,
) {
  if (phase === "live" && isDegraded) return words.degraded;
  if (phase === "failed") return words.failed(reason);
  return phase === "closed" && reason === "complete" ? words.complete : words[phase];
}

/** The connection as it may be shown. */
function useSteady(actual: ConnectionSnapshot): ConnectionSnapshot {
  const [steady, dispatch] = useReducer(settle, actual, beginSteady);
  useEffect(() => dispatch({ actual, nowMs: performance.now() }), [actual]);
  const dueMs = steadyDeadlineMs(steady);
  useEffect(() => {
    if (dueMs === undefined) return;
    // Timers may be a fraction of a millisecond early; that is still the deadline.
    const observe = () => dispatch({ actual, nowMs: Math.max(dueMs, performance.now()) });
    const timer = setTimeout(observe, dueMs - performance.now());
    return () => clearTimeout(timer);
  }, [actual, dueMs]);
  return steady.shown;
}

/** Whole seconds until a moment, rounded up; 0 when it is over, and for none. */
function useSecondsUntil(untilMs: number | undefined): number {
  const [counted, count] = useState({ untilMs, seconds: 0 });
  useEffect(() => {
    if (untilMs === undefined) return;
    let timer: ReturnType<typeof setTimeout>;
    const observe = () => {
      const leftMs = Math.max(0, untilMs - Date.now());
      count({ untilMs, seconds: Math.ceil(leftMs / 1000) });
      // Again when the number changes, which is not a second from now but where a second is full.
      if (leftMs > 0) timer = setTimeout(observe, leftMs % 1000 || 1000);
    };
    observe();
    return () => clearTimeout(timer);
  }, [untilMs]);
  return counted.untilMs === untilMs ? counted.seconds : 0;
}
