// Whether a reader that comes back is given what it missed: two more requests, which show an earlier id.

import { decodeCursor, encodeCursor, RESERVED } from "throughline/core";
import { parseHello } from "./hello.js";
import type { IdsSeen, ResumeOutcome, ResumeSeen, StreamSeen } from "./observation.js";
import { openStream, type StreamRequest } from "./open-stream.js";
import { readStream } from "./read-stream.js";

/** How long such a stream is read, if nothing comes from which one could tell. */
const READ_FOR_MS = 3000;

/** What is shown, and what a server that resumes has to send for it. */
export interface ResumePoint {
  readonly shown: string;
  /** The id that followed it, where one did. */
  readonly expected: string | undefined;
}

/**
 * The best id to show: one after which something is known to have come, so that a server which does
 * not look at it gives itself away.
 */
export function choosePoint(stream: StreamSeen): ResumePoint | undefined {
  const { previous, last } = stream.ids;
  if (last === undefined) return undefined;
  const position = stream.hello === undefined ? undefined : decodeCursor(last);
  if (position !== undefined) {
    // PROTOCOL.md §3: offsets are contiguous, so the one before is a cursor as well.
    const { epoch, offset } = position;
    if (offset === 0) return { shown: last, expected: undefined };
    return { shown: encodeCursor({ epoch, offset: offset - 1 }), expected: last };
  }
  return previous === undefined
    ? { shown: last, expected: undefined }
    : { shown: previous, expected: last };
}

/** Resumes by header, then by query. */
export async function tryResume(
  request: StreamRequest,
  stream: StreamSeen,
): Promise<ResumeSeen | undefined> {
  const point = choosePoint(stream);
  // No header can carry a line end or another control character.
  if (point === undefined || /\p{Cc}/u.test(point.shown)) return undefined;
  const byHeader = await resumeBy("header", request, point, stream.ids);
  const byQuery = await resumeBy("query", request, point, stream.ids);
  return { shown: point.shown.slice(0, 80), byHeader, byQuery };
}

async function resumeBy(
  by: "header" | "query",
  request: StreamRequest,
  point: ResumePoint,
  before: IdsSeen,
): Promise<ResumeSeen["byHeader"]> {
  const { opening, open } = await openStream(request, { cursor: point.shown, by });
  if (open === undefined) {
    const status = opening.kind === "answered" ? opening.last.status : undefined;
    return { outcome: "refused", status };
  }
  const { answer } = open;
  const outcome = await new Promise<ResumeOutcome>((resolve) => {
    const judge = createResumeJudge(point, before);
    const finish = (found: ResumeOutcome) => {
      clearTimeout(late);
      stop();
      resolve(found);
    };
    const look = (found: ResumeOutcome | undefined) => {
      if (found !== undefined) finish(found);
    };
    const stop = readStream(answer, {
      onBytes: () => {},
      onText: () => {},
      onEvent: ({ type, data, id }) => look(judge.event(type, data, id)),
      onId: (id) => look(judge.event("", "", id)),
      onEnd: () => finish(judge.atEnd()),
    });
    const late = setTimeout(() => finish(judge.atEnd()), READ_FOR_MS);
  });
  return { outcome, status: answer.status };
}

/** Looks at the blocks that come until it can tell. */
export function createResumeJudge({ shown, expected }: ResumePoint, before: IdsSeen) {
  let others = 0;
  return {
    event(type: string, data: string, id: string | undefined): ResumeOutcome | undefined {
      if (type === RESERVED.gap) return "gap";
      if (type === RESERVED.hello) return judgeHello(data, shown);
      if (id === undefined || id === "") return undefined;
      if (id === expected) return others === 0 ? "replayed" : "ignored";
      // What a new reader is given first: the server begins anew.
      if (id === before.first) return "ignored";
      // A server that sends what was shown once more repeats an event, and loses none.
      if (id !== shown) others += 1;
      return undefined;
    },
    /** When nothing more comes, or not in time. */
    atEnd: (): ResumeOutcome => (expected !== undefined && others > 0 ? "ignored" : "unclear"),
  };
}

/** The server's own word; but one that has not seen the cursor begins at its head, as "caught up". */
function judgeHello(data: string, shown: string): ResumeOutcome | undefined {
  const hello = parseHello(data)?.hello;
  if (hello === undefined) return undefined;
  if (hello.resume === "replay") return "replayed";
  if (hello.resume === "gap") return undefined;
  const [at, head] = [decodeCursor(shown), decodeCursor(hello.head)];
  const isBehind = at !== undefined && head !== undefined && at.offset < head.offset;
  return isBehind ? "ignored" : "caught-up";
}
