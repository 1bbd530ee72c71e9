// What a request says: where the reader stands, and what the application adds. It remembers what is
// known of the server from the answers so far.

import { EVENT_STREAM, WAIT_PARAMETER } from "../core/index.js";
import type { AttemptRequest, PreparedRequest } from "./attempt.js";
import { chooseResumeBy, resumeRequest, withParameter } from "./resume-request.js";
import type {
  BodyOption,
  FetchInit,
  HeaderRecord,
  HeadersCause,
  HeadersOption,
  RequestUrlOption,
  ResumeBy,
} from "./types.js";

/** What all requests of one connection have in common. */
export interface RequestOptions {
  /** Absolute. */
  readonly url: string;
  readonly requestUrl: RequestUrlOption | undefined;
  readonly method: string | undefined;
  readonly body: BodyOption | undefined;
  readonly credentials: FetchInit["credentials"];
  readonly lastEventId: string;
  readonly resumeBy: ResumeBy;
  readonly headers: HeadersOption;
}

/** One request, ready to be sent. */
export interface MadeRequest extends AttemptRequest {
  /** Whether the server may not understand where the reader stands. Known once it was sent. */
  readonly isPlaceUnknown: boolean;
  /** Takes note of the answer's status. */
  onAnswered(status: number): void;
}

/** What the application was asked for. */
interface Asked {
  readonly url: string;
  readonly headers: HeaderRecord;
  readonly body: string | undefined;
}

/** Makes the requests of one connection. */
export class RequestMaker {
  /** Whether the server knows the cursor parameter: it greeted, or its reader brought a cursor. */
  isOurs: boolean;
  /** Why the application would be asked for headers now. */
  headersCause: HeadersCause = "connect";
  readonly #options: RequestOptions;
  readonly #pageOrigin: string | undefined;
  /** Whether the server has answered a request that had the `Last-Event-ID` header. */
  #takesHeader = false;
  /** Requests in a row without any answer. */
  #unanswered = 0;

  constructor(options: RequestOptions, pageOrigin: string | undefined) {
    this.#options = options;
    this.isOurs = options.lastEventId !== "";
    this.#pageOrigin = pageOrigin;
  }

  /** @param waitMs asks for a short response, and for how long it may be waited for */
  make(lastEventId: string, waitMs: number | undefined): MadeRequest {
    const { url, requestUrl, headers, body } = this.#options;
    const { headersCause } = this;
    let isPlaceUnknown = false;
    let hasShownHeader = false;
    const finish = (asked: Asked): PreparedRequest => {
      const { by, isCrossOrigin } = this.#resumeBy(asked);
      this.#unanswered += 1;
      isPlaceUnknown = by === "query" && lastEventId !== "" && !this.isOurs;
      hasShownHeader = by === "header" && lastEventId !== "";
      const resume = resumeRequest(asked.url, lastEventId, by);
      const { method = asked.body === undefined ? "GET" : "POST" } = this.#options;
      // What is asked in another way is no stream of ours.
      const isPoll = waitMs !== undefined && method === "GET";
      return {
        url: isPoll ? withParameter(resume.url, WAIT_PARAMETER, `${waitMs}`) : resume.url,
        method,
        headers: { ...lowerCased(asked.headers), accept: EVENT_STREAM, ...resume.headers },
        ...(asked.body === undefined ? {} : { body: asked.body }),
        credentials: this.#options.credentials,
        // Chromium does not remember preflights of requests that go around its cache. Only of our own
        // servers it is certain that their answers are never kept in it.
        cache: isCrossOrigin && this.isOurs && by === "header" ? "default" : "no-store",
      };
    };
    const ask = async (): Promise<Asked> => ({
      url: requestUrl === undefined ? url : new URL(await requestUrl(url), url).href,
      headers: typeof headers === "function" ? await headers(headersCause) : headers,
      body: typeof body === "function" ? await body() : body,
    });
    const isSettled = requestUrl === undefined && !isFunction(headers) && !isFunction(body);
    return {
      request: isSettled ? finish({ url, headers, body }) : async () => finish(await ask()),
      get isPlaceUnknown() {
        return isPlaceUnknown;
      },
      onAnswered: (status) => {
        this.#takesHeader ||= hasShownHeader;
        this.#unanswered = 0;
        this.headersCause = status === 401 ? "unauthorized" : "connect";
      },
    };
  }

  #resumeBy({ url, headers }: Asked) {
    const isCrossOrigin =
      this.#pageOrigin !== undefined && this.#pageOrigin !== new URL(url).origin;
    const by = chooseResumeBy({
      resumeBy: this.#options.resumeBy,
      isCrossOrigin,
      isOurs: this.isOurs,
      isPreflighted: Object.keys(headers).length > 0,
      takesHeader: this.#takesHeader,
      unanswered: this.#unanswered,
    });
    return { by, isCrossOrigin };
  }
}

function isFunction(option: unknown): option is (...args: never) => unknown {
  return typeof option === "function";
}

/** Names in two spellings would be sent as one header with both values. */
function lowerCased(headers: HeaderRecord): HeaderRecord {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
