// How many streams one reader can have at once.

import type { Answer, Line } from "./exchange.js";
import { openLine } from "./line.js";
import type { StreamsSeen } from "./observation.js";
import { askForStream, isStream, type StreamRequest } from "./open-stream.js";

/** How long all of them together may take. */
const ANSWER_WITHIN_MS = 4000;

/** Opens so many streams, and keeps them open until each is answered or is too late. */
export async function openMany(request: StreamRequest, count: number): Promise<StreamsSeen> {
  const { url } = request;
  const beganMs = performance.now();
  const first = await openLine(url);
  if (first.kind === "unreachable") {
    return {
      asked: count,
      answered: 0,
      statuses: [],
      refused: count,
      httpVersion: "",
      withinMs: 0,
    };
  }
  const lines: Line[] = [first.line];
  const answers: Answer[] = [];
  let refused = 0;
  const isShared = first.line.protocol === "h2";
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const line = isShared || index === 0 ? first.line : await another(url, lines);
      if (line === undefined) {
        refused += 1;
        return;
      }
      const timed = { ...request, headersWithinMs: ANSWER_WITHIN_MS };
      const reply = await askForStream(line, timed);
      if (reply.kind === "broken") refused += 1;
      if (reply.kind !== "answer") return;
      const { answer } = reply;
      answers.push(answer);
      // Read, so that nothing stands in the way of the others.
      answer.read({ onBytes: () => {}, onEnd: () => {} });
    }),
  );
  const withinMs = performance.now() - beganMs;
  for (const answer of answers) answer.close();
  for (const line of lines) line.close();
  const others = answers.filter((answer) => !isStream(answer));
  return {
    asked: count,
    answered: answers.length - others.length,
    statuses: others.map(({ status }) => status),
    refused,
    httpVersion: answers[0]?.httpVersion ?? (isShared ? "2" : "1.1"),
    withinMs,
  };
}

async function another(url: URL, lines: Line[]): Promise<Line | undefined> {
  const opened = await openLine(url);
  if (opened.kind === "unreachable") return undefined;
  lines.push(opened.line);
  return opened.line;
}
