import { useEffect, useState } from "react";

/** What the browser's own EventSource says of itself. */
export type NativeState = "connecting" | "open" | "closed";

/**
 * Reads today's endpoint with the browser's own `EventSource`, exactly as the application does now:
 * no retry but the browser's, no memory of what was missed.
 *
 * @param run another number closes the source and opens a new one, like a reload of the page
 * @param onMessage must not change from one rendering to the next
 * @param onState likewise
 */
export function useNativeFeed(
  url: string,
  run: number,
  onMessage: (data: string) => void,
  onState: (state: NativeState) => void,
): NativeState {
  const [state, setState] = useState<NativeState>("connecting");
  useEffect(() => {
    const source = new EventSource(url);
    const tell = () => {
      const now = stateOf(source);
      setState(now);
      onState(now);
    };
    source.onopen = tell;
    source.onerror = tell;
    source.onmessage = (event: MessageEvent<string>) => onMessage(event.data);
    tell();
    return () => source.close();
    // `run` is not used inside: a new run just means a new source.
  }, [url, run, onMessage, onState]);
  return state;
}

function stateOf(source: EventSource): NativeState {
  if (source.readyState === EventSource.OPEN) return "open";
  return source.readyState === EventSource.CONNECTING ? "connecting" : "closed";
}
