// One examination: all probes, one after the other, against one address.

import { askAsPage } from "./cors.js";
import type { Greeting } from "./hello.js";
import { renewLease } from "./lease.js";
import { maskUrl } from "./mask.js";
import type { LeaseSeen, Observation } from "./observation.js";
import { credentialsFor, openStream } from "./open-stream.js";
import { tryResume } from "./resume.js";
import { openMany } from "./streams.js";
import { watchStream } from "./watch.js";

/** What is to be examined, and how. */
export interface ExamineOptions {
  /** `http:` or `https:`, without a user. */
  readonly url: URL;
  /** What shows who asks: authorization, cookie. It is in nothing that comes back. */
  readonly credentials: Readonly<Record<string, string>>;
  /** How long the stream is watched, and how long its headers may take. */
  readonly watchMs: number;
  /** How many streams to open at once; 0 for none. */
  readonly streams: number;
  /** A page's origin, to examine what it is allowed. */
  readonly origin?: string | undefined;
  /** Is told in a few words what is done next. */
  readonly onProgress?: ((doing: string) => void) | undefined;
}

/**
 * Examines a stream. Takes as long as it is watched, and some seconds for the rest; never rejects for
 * anything that a server or the network does.
 */
export async function examine(options: ExamineOptions): Promise<Observation> {
  const { url, credentials, watchMs, origin, onProgress = () => {} } = options;
  const request = { url, credentials, headersWithinMs: watchMs };
  onProgress(`watching the stream for ${watchMs / 1000} s`);
  const { opening, open } = await openStream(request);
  const common = {
    url: maskUrl(url),
    asked: {
      withToken: credentials["authorization"] !== undefined,
      withCookie: credentials["cookie"] !== undefined,
    },
    opening,
  };
  const pageSeen = async () => {
    if (origin === undefined || opening.kind === "unreachable") return undefined;
    onProgress("asking as a page of another origin");
    return askAsPage(request, origin);
  };
  if (open === undefined) {
    const nothing = { stream: undefined, lease: undefined, resume: undefined, streams: undefined };
    return { ...common, ...nothing, cors: await pageSeen() };
  }
  const own = credentialsFor(open.url, request);
  let renewing: Promise<LeaseSeen> | undefined;
  const renew = ({ leaseUrl }: Greeting, cursor: string) => {
    if (leaseUrl === undefined) return;
    renewing = renewLease({ leaseUrl, streamUrl: open.url, cursor, credentials: own });
  };
  const { answer, beganMs } = open;
  const stream = await watchStream(answer, { watchMs, beganMs, onGreeted: renew });
  const lease = await renewing;
  onProgress("coming back with an id");
  const resume = await tryResume(request, stream);
  if (options.streams > 0) onProgress(`opening ${options.streams} streams at once`);
  const streams =
    options.streams > 0
      ? await openMany({ ...request, url: open.url, credentials: own }, options.streams)
      : undefined;
  return { ...common, stream, lease, resume, streams, cors: await pageSeen() };
}
