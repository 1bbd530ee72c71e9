// The syntax of a trace's identity: W3C Trace Context, §3.2.

/** Version, trace id, parent id and flags; neither version `ff` nor an id of zeros is any. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Whether `text` is a W3C `traceparent`: 55 characters, lower case. What a later version of the
 * standard may add behind them is not taken.
 */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}
