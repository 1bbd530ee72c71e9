// The flag's other position: the browser's own EventSource does the work, and what it says is passed
// on as it is.

import { FRESH_BOOKMARK, type Gap, RESERVED, readBlock } from "../core/index.js";

/** Who is told. */
export interface NativeOwner {
  onNativeOpen(): void;
  onNativeError(): void;
  onNativeEvent(event: MessageEvent<string>): void;
  onGap(gap: Gap): void;
}

/** A native EventSource under the drop-in's roof. */
export interface NativeSource {
  readonly readyState: number;
  /** The newest id that it has told. */
  readonly lastEventId: string;
  /** Passes on events of this type too. */
  listenTo(type: string): void;
  close(): void;
}

/**
 * Opens a native EventSource and passes on its events.
 *
 * It sees no comments, and reconnects by its own rules; of the protocol only the heartbeat (for its
 * cursor) and the gap notice are read.
 */
export function openNative(
  NativeEventSource: typeof globalThis.EventSource,
  url: string,
  withCredentials: boolean,
  types: Iterable<string>,
  owner: NativeOwner,
): NativeSource {
  const source = new NativeEventSource(url, { withCredentials });
  const listened = new Set<string>(["open", "error"]);
  let lastEventId = "";

  const passOn = (event: MessageEvent<string>) => {
    lastEventId = event.lastEventId;
    owner.onNativeEvent(event);
  };
  source.onopen = () => owner.onNativeOpen();
  source.onerror = () => owner.onNativeError();
  source.addEventListener(RESERVED.heartbeat, (event) => {
    lastEventId = event.lastEventId;
  });
  source.addEventListener(RESERVED.gap, (event: MessageEvent<string>) => {
    lastEventId = event.lastEventId;
    const { type, data } = event;
    const meaning = readBlock(FRESH_BOOKMARK, { type, data, id: lastEventId });
    if (meaning.kind === "gap") owner.onGap(meaning.gap);
  });

  function listenTo(type: string): void {
    if (listened.has(type)) return;
    listened.add(type);
    source.addEventListener(type, passOn);
  }
  for (const type of types) listenTo(type);

  return {
    get readyState() {
      return source.readyState;
    },
    get lastEventId() {
      return lastEventId;
    },
    listenTo,
    close: () => source.close(),
  };
}
