// The script of a page that opens sources as the test says, and keeps what becomes of them.

import { EventSource, type EventSourceOptions, type HeadersCause } from "throughline";

/** What is to be opened; as JSON can carry it. */
export interface SourceWish {
  readonly url: string;
  readonly options?: Pick<EventSourceOptions, "refusalLimit" | "maxEventLength"> | undefined;
  /** Sends a token: an old one, until it is asked for another. */
  readonly hasToken?: boolean | undefined;
  /** The data at which the listener throws. */
  readonly throwsOn?: string | undefined;
}

/** What has become of a source. */
export interface SourceReport {
  /** The data of its events; of long ones how long they are. */
  readonly data: readonly string[];
  readonly state: string;
  readonly reason: string;
  readonly lastEventId: string;
  /** `error` events. */
  readonly errors: number;
}

export interface AnswersApi {
  open(name: string, wish: SourceWish): void;
  report(name: string): SourceReport;
  close(name: string): void;
}

interface Opened {
  readonly source: EventSource;
  readonly data: string[];
  errors: number;
}

const LONG = 100;
const opened = new Map<string, Opened>();

function get(name: string): Opened {
  const known = opened.get(name);
  if (known === undefined) throw new Error(`No source has been opened for "${name}".`);
  return known;
}

const api: AnswersApi = {
  open(name, { url, options, hasToken, throwsOn }) {
    const headers = (cause: HeadersCause) => ({
      authorization: `Bearer ${cause === "connect" ? "old" : "new"}`,
    });
    const source = new EventSource(url, { ...options, ...(hasToken ? { headers } : {}) });
    const one: Opened = { source, data: [], errors: 0 };
    opened.set(name, one);
    source.addEventListener("message", ({ data }) => {
      one.data.push(data.length > LONG ? `${data.length} characters` : data);
      if (data === throwsOn) throw new Error("This listener cannot read that.");
    });
    source.addEventListener("error", () => {
      one.errors += 1;
    });
  },
  report(name) {
    const { source, data, errors } = get(name);
    const { state, reason } = source.connection;
    return { data: [...data], state, reason, lastEventId: source.lastEventId, errors };
  },
  close: (name) => get(name).source.close(),
};

Object.assign(globalThis, { answers: api });
