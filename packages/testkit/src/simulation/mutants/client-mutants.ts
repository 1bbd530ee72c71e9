// Planted bugs of the client: its machine, its bookmark, its parser, its driver, its publisher. Each is one
// that somebody has shipped; the numbers are those of their issues.

import type { Mutant } from "./mutant.js";

export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    id: "repeats-the-last-event",
    file: "throughline/dist/core/bookmark.js",
    find: "shown.offset <= position.offset",
    replace: "shown.offset < position.offset",
    story: "after a handover the event at the cursor comes twice (socket.io 5419)",
  },
  {
    id: "goes-back-for-trimmed",
    file: "throughline/dist/core/bookmark.js",
    find: 'return { kind: "gap", gap: { ...gap, from: Math.max(gap.from, read + 1) } };',
    replace: 'return { kind: "gap", gap };',
    story:
      "a gap names events that the response before has brought meanwhile; found by this simulation",
    needs: ["trims", "deploys", "stalls", "sleeps"],
  },
  {
    id: "goes-back-to-the-new-epoch",
    file: "throughline/dist/client/driver.js",
    find: 'if (gap.reason === "reset" && this.#successor !== undefined) {',
    replace: "if (false) {",
    story:
      "a successor leads back to before the log was replaced, and what came since comes again; found by this simulation",
    needs: ["buffering", "replaced-log", "throttled"],
  },
  {
    id: "keeps-a-cut-block",
    file: "throughline/dist/core/wire/parse.js",
    find: "        this.#lastEventId = lastEventId;\n        this.#clearBlock();\n        this.#clearPieces();",
    replace: "        this.#lastEventId = lastEventId;",
    story:
      "the half of a block that a reset has cut is glued to the next response (eventsource 189)",
  },
  {
    id: "decodes-each-chunk-alone",
    file: "throughline/dist/core/wire/parse.js",
    find: "this.#decoder.decode(bytes, { stream: true })",
    replace: "this.#decoder.decode(bytes)",
    story: "a character that two chunks share becomes two question marks",
  },
  {
    id: "shows-no-cursor",
    file: "throughline/dist/client/resume-request.js",
    find: "headers: { [LAST_EVENT_ID_HEADER]: encodeUtf8(lastEventId) }",
    replace: "headers: {}",
    story:
      "a reconnect begins with what comes, and what was missed is gone (fetch-event-source 55)",
  },
  {
    id: "does-not-follow-the-gap",
    file: "throughline/dist/client/stream-reader.js",
    find: "                this.bookmark = jump(this.bookmark, event.id);\n",
    replace: "",
    story: "after a gap the old cursor is shown again, and the gap told again",
  },
  {
    id: "waits-for-ever-for-an-answer",
    file: "throughline/dist/core/connection/transitions.js",
    find: "    if (context.nowMs < answerDueMs(state, context.limits))\n        return stay(state);",
    replace: "    return stay(state);",
    story:
      "a reconnect that is accepted and never answered hangs for good; nearly every client has this",
  },
  {
    id: "never-gives-up-silence",
    file: "throughline/dist/core/connection/watchdog.js",
    find: "return { ms: slept ? nowMs + VERIFY_MS : deadlineMs, slept };",
    replace: "return { ms: nowMs + 60_000, slept };",
    story: "a half-open connection is read for minutes (freenet-core 5213)",
  },
  {
    id: "trusts-a-woken-connection",
    file: "throughline/dist/core/connection/watchdog.js",
    find: "    return nowMs > lostAtMs + SLEPT_MS;",
    replace: "    return nowMs >= lostAtMs;",
    story: "every silence is taken for a sleep of one's own, and waited out again",
  },
  {
    id: "waits-too-long-after-a-loss",
    file: "throughline/dist/core/connection/retry.js",
    find: "const PATH_CAP_MS = { silence: 100, loss: 1700, attempt: 3000 };",
    replace: "const PATH_CAP_MS = { silence: 100, loss: 30_000, attempt: 30_000 };",
    story: "the usual cap of 30 s: minutes after a long outage until anybody asks again",
  },
  {
    id: "forgets-at-once",
    file: "throughline/dist/core/connection/outcomes.js",
    find: "            ...memory,\n            wasLive: true,",
    replace: "            ...forgetFailures(memory),\n            wasLive: true,",
    story:
      "the backoff is reset as soon as a connection opens: open-then-drop becomes a tight loop",
  },
  {
    id: "does-not-ask-after-a-clean-end",
    file: "throughline/dist/core/connection/transitions.js",
    find: "    if (context.nowMs < state.dueMs)\n        return stay(state);\n    return connect(state.reason",
    replace:
      '    if (context.nowMs < state.dueMs || state.reason === "ended")\n        return stay(state);\n    return connect(state.reason',
    story: "a server that ends in good order is never asked again (fetch-event-source 17)",
  },
  {
    id: "ignores-retry-after",
    file: "throughline/dist/core/connection/transitions.js",
    find: '    return retry(state, { memory, reason, after, floorMs }, context, ["abort"]);',
    replace: '    return retry(state, { memory, reason, after: "attempt" }, context, ["abort"]);',
    story: "a server that asks for a pause is asked again at once, by everybody",
  },
  {
    id: "never-tries-short-responses",
    file: "throughline/dist/core/connection/poll.js",
    find: 'poll: hollows < HOLLOWS ? undefined : "trial"',
    replace: "poll: undefined",
    story: "behind a proxy that collects bytes nothing ever comes (windmill 10716)",
  },
  {
    id: "polls-without-a-pause",
    file: "throughline/dist/core/connection/poll.js",
    find: "const SPACING_MS = 250;",
    replace: "const SPACING_MS = 0;",
    story: "long polls follow each other as fast as events come",
  },
  {
    id: "does-not-wake-up",
    file: "throughline/dist/core/connection/transitions.js",
    find: '    return connect("suspended", memory, context);',
    replace: '    return stay({ name: "paused", reason: "suspended", memory, wait });',
    story: "a page that comes back from the back-forward cache stays dead",
  },
  {
    id: "leaves-connections-open",
    file: "throughline/dist/client/driver.js",
    find: "        this.#present?.attempt.abort();\n",
    replace: "",
    story: "what was given up goes on in the background, and holds one of six connections",
  },
  {
    id: "leaves-listeners-behind",
    file: "throughline/dist/client/driver.js",
    find: "        this.#stopWatchingPage?.();\n",
    replace: "",
    story: "every source that is closed leaves its listeners on the window",
  },
  {
    id: "leaves-the-lease-running",
    file: "throughline/dist/client/lease.js",
    find: "            hasEnded = true;\n            environment.clearTimer(timer);",
    replace: "            hasEnded = true;",
    story: "a closed source goes on telling the server that it lives",
  },
  {
    id: "publishes-under-another-id",
    file: "throughline/dist/publish/publisher.js",
    find: "id: event.id ?? createId()",
    replace: "id: createId()",
    story: "a publish that is repeated after a time-out is stored twice",
  },
  {
    id: "takes-any-answer-for-stored",
    file: "throughline/dist/publish/answer.js",
    find: "    if (status === 200 || status === 201) {",
    replace:
      '    if (status >= 500) return { kind: "published", published: { cursors: [], duplicates: [] } };\n    if (status === 200 || status === 201) {',
    story: "an event is reported as stored that a restarting hub has never seen",
  },
  {
    id: "goes-on-after-an-unknown-batch",
    file: "throughline/dist/publish/lane.js",
    find: "this.#haltedBy = { error: outcome.error };",
    replace: "this.#sequence += 0;",
    story: "a batch takes the number of one that may be stored, and is answered as its repetition",
  },
];
