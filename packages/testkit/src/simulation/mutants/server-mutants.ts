// Planted bugs of the hub and the log. Each is one that somebody has shipped; the numbers are those of their
// issues.

import type { Mutant } from "./mutant.js";

export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    id: "joins-before-it-is-there",
    file: "throughline/dist/core/delivery/transitions.js",
    find: "    if (isSame(at, pointer)) {",
    replace: "    if (at.epoch === pointer.epoch && at.offset <= pointer.offset) {",
    story:
      "who subscribes is live before the backlog is sent, and the backlog is lost (AnyCable, Mercure 1199)",
  },
  {
    id: "writes-to-the-full",
    file: "server/dist/hub/subscriber.js",
    find: "            if (!this.#sink.write(frame))\n                this.#step(FULL);",
    replace: "            this.#sink.write(frame);",
    story: "a slow reader costs as much memory as there are events",
  },
  {
    id: "forgets-the-slow",
    file: "server/dist/hub/subscriber.js",
    find: "        this.#step(WRITABLE);",
    replace: "",
    story: "a reader that was full once is never served again",
  },
  {
    id: "falls-back-too-far-ahead",
    file: "throughline/dist/core/delivery/transitions.js",
    find: '    return { state: wait(context.feed.pointer, "room"), effects: ["leave"] };',
    replace:
      '    const { epoch, offset } = context.feed.pointer;\n    return { state: wait({ epoch, offset: offset + 1 }, "room"), effects: ["leave"] };',
    story: "a slow reader misses one event where it falls back (nchan)",
  },
  {
    id: "empties-the-wrong-seat",
    file: "server/dist/hub/audience.js",
    find: "            this.#members[member.seat] = last;\n",
    replace: "",
    story: "when somebody leaves, somebody else gets nothing any more",
  },
  {
    id: "pages-skip-an-event",
    file: "server/dist/hub/page-source.js",
    find: "            after: at.offset,",
    replace: "            after: at.offset + (at.offset > 0 ? 1 : 0),",
    story: "the first event after the cursor is taken for the one at it",
  },
  {
    id: "shows-a-broken-cache",
    file: "server/dist/hub/feed.js",
    find: "        this.#cache.clear();\n",
    replace: "",
    story: "after the store was replaced the old events are served under new positions",
  },
  {
    id: "jumps-in-silence",
    file: "server/dist/hub/feed.js",
    find: "        this.#audiences.announce(frame, gap.resumeAfter.offset);\n",
    replace: "",
    story: "live readers are not told that the store was replaced: silence",
  },
  {
    id: "resumes-in-silence",
    file: "server/dist/hub/delivery-start.js",
    find: "? { at: answer.resumeAfter, gap: toGap(answer) }",
    replace: "? { at: answer.resumeAfter, gap: undefined }",
    story: "a cursor that is too old is answered with what there is, as if nothing were missing",
  },
  {
    id: "calls-idle-readers-too-old",
    file: "server/dist/hub/delivery-start.js",
    find: "        : { at: position, gap: undefined };\n}",
    replace:
      '        : { at: position, gap: { from: null, to: null, reason: "unknown-cursor" } };\n}',
    story:
      "a reader that missed nothing is told that it lost something (Centrifugo 230, socket.io 5282)",
  },
  {
    id: "counts-the-gap-wrong",
    file: "server/dist/log/gap.js",
    find: "from: after + 1, to: lastMissing,",
    replace: "from: after + 1, to: lastMissing + 1,",
    story: "the gap names an event that is there",
  },
  {
    id: "filters-only-live",
    file: "server/dist/hub/page-source.js",
    find: "            if (filter !== undefined && !matchesFilter(filter, event.topic))\n                continue;\n",
    replace: "",
    story: "history is sent without the filter: events of others",
  },
  {
    id: "stores-repetitions",
    file: "server/dist/log/memory-stream.js",
    find: "        if (known !== undefined)\n            return { offset: known, isDuplicate: true };",
    replace: "",
    story: "the same publish retried after a time-out is two events",
  },
  {
    id: "drops-who-waits",
    file: "server/dist/hub/replay-pacer.js",
    find: "        readers.splice(0, served);\n    }\n    #serveReads",
    replace: "        readers.length = 0;\n    }\n    #serveReads",
    needs: ["bursts", "partitions"],
    story: "who asks for another page while others are served is forgotten",
  },
  {
    id: "skips-the-pulse",
    file: "server/dist/hub/subscriber.js",
    find: "        else if (tick - this.#writtenTick + WHEEL_SLOTS > cadence.pulse)\n            this.deliver(PULSE);",
    replace: "",
    story: "an idle stream is silent, and every watchdog cuts it",
  },
  {
    id: "ends-before-the-last-event",
    file: "server/dist/hub/feed.js",
    find: "    #seal(reason) {\n        this.#flush();",
    replace: "    #seal(reason) {",
    story: "what was published right before the end is lost (durable-streams 376)",
  },
  {
    id: "keeps-the-feed",
    file: "server/dist/hub/feeds.js",
    find: "            this.#close(feed);\n    }\n    /**",
    replace: "            void feed;\n    }\n    /**",
    story: "a hub that is closed goes on following its streams",
  },
  {
    id: "never-frees-who-left",
    file: "server/dist/hub/subscriber.js",
    find: "        this.#step(LOST);",
    replace: "",
    story: "readers that left are served for ever (hermes-webui 7139)",
  },
];
