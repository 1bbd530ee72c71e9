// A fetch whose answers the test gives, in the order of the requests.

import type { PublishFetch, PublishRequest, PublishResponse } from "throughline/publish";

export interface SeenRequest extends PublishRequest {
  readonly url: string;
  /** Virtual milliseconds since the first request. */
  readonly atMs: number;
}

/** What a request is answered with; `"break"` fails it, `"hang"` never answers. */
export type FakeAnswer =
  | "break"
  | "hang"
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** The answer of a hub that stored one event, or so many. */
export function stored(count = 1, duplicates: readonly number[] = []): FakeAnswer {
  const cursors = Array.from({ length: count }, (_, index) => `e.${index + 1}`);
  return { status: 201, body: { cursors, duplicates } };
}

/** Answers with these, one after the other, and then with the last one for ever. */
export function fakeHub(...answers: readonly FakeAnswer[]) {
  const requests: SeenRequest[] = [];
  let firstMs: number | undefined;
  const fetch: PublishFetch = (url, request) => {
    firstMs ??= performance.now();
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? "hang";
    requests.push({ ...request, url, atMs: Math.round(performance.now() - firstMs) });
    if (answer === "break") return Promise.reject(new TypeError("the network is gone"));
    if (answer === "hang") return new Promise(() => {});
    const { status, body = {}, headers = {} } = answer;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response: PublishResponse = {
      status,
      headers: new Headers(headers),
      text: () => Promise.resolve(text),
    };
    return Promise.resolve(response);
  };
  return {
    fetch,
    requests,
    /** The bodies that were sent, as they were written. */
    bodies: () => requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>[]),
  };
}
