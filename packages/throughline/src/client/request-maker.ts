// What a request says: where the reader stands, and the application's headers. It remembers what is
// known of the server from the answers so far.

import { EVENT_STREAM, WAIT_PARAMETER } from "../core/index.js";
import type { AttemptRequest } from "./attempt.js";
import { chooseResumeBy, resumeRequest, withParameter } from "./resume-request.js";
import type { FetchInit, HeadersCause, HeadersOption, ResumeBy } from "./types.js";

/** What all requests of one connection have in common. */
export interface RequestOptions {
  /** Absolute. */
  readonly url: string;
  readonly credentials: FetchInit["credentials"];
  readonly lastEventId: string;
  readonly resumeBy: ResumeBy;
  readonly headers: HeadersOption;
}

/** One request, ready to be sent. */
export interface MadeRequest extends AttemptRequest {
  /** Whether the server may not understand where the reader stands. */
  readonly isPlaceUnknown: boolean;
  /** Takes note of the answer's status. */
  onAnswered(status: number): void;
}

/** Makes the requests of one connection. */
export class RequestMaker {
  /** Whether the server knows the cursor parameter: it greeted, or its reader brought a cursor. */
  isOurs: boolean;
  /** Why the application would be asked for headers now. */
  headersCause: HeadersCause = "connect";
  readonly #options: RequestOptions;
  readonly #isCrossOrigin: boolean;
  /** Whether the server has answered a request that had the `Last-Event-ID` header. */
  #takesHeader = false;
  /** Requests in a row without any answer. */
  #unanswered = 0;

  constructor(options: RequestOptions, pageOrigin: string | undefined) {
    this.#options = options;
    this.isOurs = options.lastEventId !== "";
    this.#isCrossOrigin = pageOrigin !== undefined && pageOrigin !== new URL(options.url).origin;
  }

  /** @param waitMs asks for a short response, and for how long it may be waited for */
  make(lastEventId: string, waitMs: number | undefined): MadeRequest {
    const { url, credentials, resumeBy, headers } = this.#options;
    const { isOurs, headersCause } = this;
    const by = chooseResumeBy({
      resumeBy,
      isCrossOrigin: this.#isCrossOrigin,
      isOurs,
      takesHeader: this.#takesHeader,
      unanswered: this.#unanswered,
    });
    this.#unanswered += 1;
    const resume = resumeRequest(url, lastEventId, by);
    return {
      url:
        waitMs === undefined ? resume.url : withParameter(resume.url, WAIT_PARAMETER, `${waitMs}`),
      credentials,
      headers: { accept: EVENT_STREAM, ...resume.headers },
      extraHeaders: typeof headers === "function" ? () => headers(headersCause) : headers,
      isPlaceUnknown: by === "query" && lastEventId !== "" && !isOurs,
      onAnswered: (status) => {
        this.#takesHeader ||= by === "header" && lastEventId !== "";
        this.#unanswered = 0;
        this.headersCause = status === 401 ? "unauthorized" : "connect";
      },
    };
  }
}
