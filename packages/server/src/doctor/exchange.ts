// What the probes know of HTTP: requests on lines, and answers whose bodies come piece by piece.

/** A request. */
export interface Ask {
  readonly method: "GET" | "HEAD" | "POST" | "OPTIONS";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** How long the headers of the answer may take. */
  readonly withinMs: number;
}

/** What a request became. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** Nothing in time. */
  | { readonly kind: "silent"; readonly waitedMs: number }
  /** The connection ended before there was an answer. */
  | { readonly kind: "broken"; readonly code: string };

/** The head of an answer, with its body to come. */
export interface Answer {
  readonly httpVersion: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** From the request to the headers. */
  readonly headersMs: number;
  /** Tells of the body; to be called once, soon after the answer came. */
  read(reader: BodyReader): void;
  /** Ends the request, and with HTTP/1.1 the connection. */
  close(): void;
}

/** Is told of a body. */
export interface BodyReader {
  onBytes(bytes: Uint8Array): void;
  /** Once, unless the answer was closed before. */
  onEnd(kind: "closed" | "cut"): void;
}

/** An open connection. With HTTP/1.1 it takes one request. */
export interface Line {
  readonly protocol: "http/1.1" | "h2";
  readonly connectMs: number;
  request(ask: Ask): Promise<Reply>;
  close(): void;
}

/** What opening a connection became. */
export type Opened =
  | { readonly kind: "open"; readonly line: Line }
  | { readonly kind: "unreachable"; readonly code: string };
