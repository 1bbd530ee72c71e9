// The script of the measured page: the class EnhancedSSEClient and a bare EventSource, side by side, with a
// note of everything that their sources were handed.

import { installEventSource } from "throughline";
import { EnhancedSSEClient } from "../../../packages/throughline/test/brownfield/clients/index.js";
import type { PageApi, PageOptions, Reader, ReaderName } from "./page-api.js";
import { continuityOfClasses } from "./roll-out.js";
import { rowsOf } from "./rows.js";

const FEED = "/api/v1/strategist/feed";

/** What is noted while the page runs. */
interface Notes {
  readonly rows: { readonly key: string; readonly atMs: number }[];
  gaps: number;
}

const notes: Record<ReaderName, Notes> = {
  class: { rows: [], gaps: 0 },
  bare: { rows: [], gaps: 0 },
};
/** Whose sources are being made. The class makes its own later, too, and always by this name. */
let client: EnhancedSSEClient | undefined;

const api: PageApi = {
  start({ transport, isContinuing, isQuiet, provenAfterMs, ward, priority }: PageOptions) {
    if (transport === "throughline") {
      const onGap = () => {
        // Both read the same stream, and are told the same.
        notes.class.gaps += 1;
        notes.bare.gaps += 1;
      };
      const continuity = isContinuing ? continuityOfClasses() : undefined;
      installEventSource({ onGap, provenAfterMs, continuity, quiet: isQuiet });
    }
    const bare = new EventSource(`${FEED}?${new URLSearchParams({ ward, priority })}`, {
      withCredentials: true,
    });
    note("bare", bare);
    const Original = globalThis.EventSource;
    globalThis.EventSource = new Proxy(Original, {
      construct(target, args: ConstructorParameters<typeof EventSource>) {
        const source = new target(...args);
        note("class", source);
        return source;
      },
    });
    client = new EnhancedSSEClient();
    client.connect(ward, { mode: "feed", priority });
  },
  read: () => ({
    readers: { class: readerOf("class"), bare: readerOf("bare") },
    lastHeartbeat: client?.lastHeartbeat ?? null,
  }),
};

function readerOf(name: ReaderName): Reader {
  const { rows, gaps } = notes[name];
  return { rows: [...rows], gaps };
}

function note(name: ReaderName, source: EventSource): void {
  const { rows } = notes[name];
  source.addEventListener("message", ({ data }) => {
    const atMs = Date.now();
    for (const key of rowsOf(data)) rows.push({ key, atMs });
  });
}

Object.assign(globalThis, { migration: api });
