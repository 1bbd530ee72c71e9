// Whether a reader that was dropped gets what it missed.

import type { Finding } from "../finding.js";
import type { Observation, ResumeOutcome, ResumeSeen, StreamSeen } from "../observation.js";

/** Findings about ids, and about coming back with them. */
export function findResuming({ stream, resume }: Observation): readonly Finding[] {
  if (stream === undefined) return [];
  return [...ids(stream), ...(resume === undefined ? [] : resuming(resume, stream))];
}

function ids({ ids, hello }: StreamSeen): readonly Finding[] {
  const { applicationEvents, withId, last, unsafe, areCursors } = ids;
  if (last === undefined) {
    if (applicationEvents === 0 || hello !== undefined) return [];
    return [
      {
        severity: "problem",
        code: "no-ids",
        text:
          `${applicationEvents === 1 ? "One event" : `${applicationEvents} events`} came, and none has an id: a reader that was dropped has nothing to show, ` +
          "and loses what is sent until it is back.",
        culprit: "the endpoint, which writes no id: lines",
        change:
          "id: <position> in every event, and start after Last-Event-ID; or the gateway of Throughline in front",
      },
    ];
  }
  const some: Finding[] = [];
  // What a Throughline server says without an id stands beside the stream, and is not its history.
  if (withId < applicationEvents && hello === undefined) {
    some.push({
      severity: "warning",
      code: "some-ids",
      text: `Only ${withId} of ${applicationEvents} events have an id: after a drop, those without one come twice or not at all.`,
      change: "id: <position> in every event",
    });
  }
  if (unsafe !== undefined) {
    some.push({
      severity: "warning",
      code: "unsafe-ids",
      text:
        `The id ${JSON.stringify(unsafe)} is longer than 128 characters or has others than [A-Za-z0-9._~-]: ` +
        "some clients and proxies do not pass it on, and pages of other origins need a preflight for it.",
      change: "ids of letters, digits and . _ ~ -",
    });
  }
  some.push({
    severity: "ok",
    code: "ids",
    text:
      areCursors && hello !== undefined
        ? `Events have Throughline cursors as ids (the last was ${last}).`
        : `Events have ids (the last was ${JSON.stringify(last.slice(0, 80))}); they are ${areCursors ? "formed like" : "no"} Throughline cursors.`,
  });
  return some;
}

const GOOD: readonly ResumeOutcome[] = ["replayed", "caught-up", "gap"];

const WORDS: Readonly<Record<ResumeOutcome, string>> = {
  replayed: "what followed it came",
  "caught-up": "the server says that nothing was missed",
  gap: "the server said that events are missing",
  ignored: "it was ignored",
  unclear: "nothing came from which one could tell",
  refused: "no stream was answered",
};

function resuming(
  { shown, byHeader, byQuery }: ResumeSeen,
  { hello }: StreamSeen,
): readonly Finding[] {
  const header = describe("by the header Last-Event-ID", byHeader);
  const note = hello === undefined ? " (which only Throughline servers know)" : "";
  const query = describe(`by the parameter cursor${note}`, byQuery);
  const text = `Coming back with the id ${JSON.stringify(shown)}: ${header}; ${query}.`;
  const headerWorks = GOOD.includes(byHeader.outcome);
  const queryWorks = GOOD.includes(byQuery.outcome);
  if (headerWorks && (queryWorks || hello === undefined))
    return [{ severity: "ok", code: "resume", text }];
  if (headerWorks) {
    return [
      {
        severity: "warning",
        code: "resume-query",
        text: `${text} Readers whose first request cannot have a header do not resume.`,
        culprit: "a proxy or cache that drops the query or does not look at it",
        change: "nginx: proxy_pass without a path of its own, or with $is_args$args behind it",
      },
    ];
  }
  if (queryWorks && byHeader.outcome !== "unclear") {
    return [
      {
        severity: "problem",
        code: "resume-header",
        text: `${text} The header is lost on the way: browsers show their id in it alone, and lose events at every drop.`,
        culprit:
          "a proxy that passes on only the headers that it knows (nginx: proxy_pass_request_headers off; CloudFront without an origin request policy)",
        change: "proxy_set_header Last-Event-ID $http_last_event_id;   (nginx)",
      },
    ];
  }
  if (byHeader.outcome === "unclear") {
    return [
      {
        severity: "warning",
        code: "resume-unclear",
        text: `${text} Let something be published while this runs, or use a longer --idle, to know.`,
      },
    ];
  }
  return [
    {
      severity: "problem",
      code: byHeader.outcome === "refused" ? "resume-refused" : "resume-ignored",
      text: `${text} A reader that was dropped loses what is sent until it is back, or gets it twice, and does not notice.`,
      culprit:
        byHeader.outcome === "refused"
          ? "a proxy or a check that does not like the header Last-Event-ID or that id, or a limit on connections"
          : "the endpoint, which does not look at Last-Event-ID",
      change: "start after Last-Event-ID; or the gateway of Throughline in front",
    },
  ];
}

function describe(how: string, { outcome, status }: ResumeSeen["byHeader"]): string {
  const code = outcome === "refused" && status !== undefined ? ` (${status})` : "";
  return `${how} ${WORDS[outcome]}${code}`;
}
