// The page of the browser tests: components over a hub, mounted and looked at by the tests.

import { StrictMode, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { ThroughlineProvider, useEventReducer } from "throughline/react";
import { shareEventSource } from "throughline/react/shared";
import { useSnapshotReducer } from "throughline/react/snapshot";

type Rows = readonly number[];

/** What the tests ask of the page. */
export interface PageApi {
  /** Shows so many readers of the stream, in a new rendering with everything inline. */
  show(readers: number): void;
  /** Shows one reader, of another URL for each number. */
  showUrl(version: number): void;
  /** Takes over what a server has rendered of the page with one reader. */
  hydrate(): void;
  /** The same, one connection for all of them. */
  showShared(readers: number): void;
  /** Shows a reader that loads the rows anew over a gap. */
  showSnapshot(): void;
  /** What the newest reader has. */
  readonly rows: Rows;
  /** How often the rows have been loaded anew. */
  readonly catchUps: number;
  readonly renderings: number;
}

declare global {
  var page: PageApi;
}

const FEED = "/streams/feed";
const Shared = shareEventSource({ lingerMs: 300 });
const append = (rows: Rows, { data }: MessageEvent<string>): Rows => [
  ...rows,
  JSON.parse(data).n as number,
];

const seen = { rows: [] as Rows, isBehind: false, catchUps: 0, renderings: 0 };

function Reader({ url }: { readonly url: string }) {
  const { state } = useEventReducer(url, (rows: Rows, event) => append(rows, event), [], {
    onMessage: () => {},
    onGap: () => {},
    headers: () => ({}),
    events: { other: () => {} },
  });
  seen.rows = state;
  seen.renderings += 1;
  return <p>{state.length}</p>;
}

function SnapshotReader() {
  const { state, behind } = useSnapshotReducer<Rows>(FEED, append, [], {
    startsWithSnapshot: true,
    loadSnapshot: async ({ signal }) => {
      const response = await fetch("/snapshot", { signal });
      if (!response.ok) throw new Error(`No snapshot: ${response.status}`);
      const { rows, cursor } = await response.json();
      return { state: rows, lastEventId: cursor };
    },
  });
  seen.rows = state;
  if (seen.isBehind && behind === undefined) seen.catchUps += 1;
  seen.isBehind = behind !== undefined;
  return <p>{state.length}</p>;
}

interface Scene {
  readonly kind: "own" | "shared" | "snapshot";
  readonly readers: number;
  readonly url: string;
}

const EMPTY: Scene = { kind: "own", readers: 0, url: FEED };

interface AppProps {
  readonly first: Scene;
  readonly onReady: (show: (scene: Scene) => void) => void;
}

function App({ first, onReady }: AppProps) {
  const [{ kind, readers, url }, show] = useState<Scene>(first);
  onReady(show);
  const numbers = Array.from({ length: readers }, (_, index) => index);
  return (
    <ThroughlineProvider options={kind === "shared" ? { EventSource: Shared } : {}}>
      {kind === "snapshot" ? (
        <SnapshotReader />
      ) : (
        numbers.map((key) => <Reader key={key} url={url} />)
      )}
    </ThroughlineProvider>
  );
}

const root = document.createElement("main");
document.body.append(root);
let set: (scene: Scene) => void = () => {};
const appWith = (first: Scene) => (
  <StrictMode>
    <App
      first={first}
      onReady={(show) => {
        set = show;
      }}
    />
  </StrictMode>
);
let mounted = createRoot(root);
mounted.render(appWith(EMPTY));

const show = (scene: Partial<Scene>) => flushSync(() => set({ ...EMPTY, ...scene }));
globalThis.page = {
  show: (readers) => show({ readers }),
  showUrl: (version) => show({ readers: 1, url: `${FEED}?version=${version}` }),
  hydrate: () => {
    mounted.unmount();
    const app = appWith({ ...EMPTY, readers: 1 });
    root.innerHTML = renderToString(app);
    mounted = hydrateRoot(root, app);
  },
  showShared: (readers) => show({ kind: "shared", readers }),
  showSnapshot: () => show({ kind: "snapshot" }),
  get rows() {
    return seen.rows;
  },
  get catchUps() {
    return seen.catchUps;
  },
  get renderings() {
    return seen.renderings;
  },
};
