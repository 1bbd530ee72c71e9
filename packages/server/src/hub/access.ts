// Who may read and write what: the hook that an application gives the hub, and its answers.

import type { RawRequest } from "./exchange.js";

/** What somebody wants to do. */
export interface AccessRequest {
  readonly action: "subscribe" | "publish";
  /** The name of the stream, checked for its form; whether there is such a stream is not known. */
  readonly stream: string;
  /**
   * The patterns of topics that a subscription asks for. `undefined`: it asks for everything, or it
   * is no subscription.
   */
  readonly topics: readonly string[] | undefined;
  /**
   * The request as it came: an `IncomingMessage` with what a framework has put on it, or a
   * web-standard `Request`. Its body must be left alone.
   */
  readonly request: RawRequest;
  /** A header, by its name in any case. */
  header(name: string): string | undefined;
}

/** Leave to do it. A member that is left out limits nothing, so that `{}` allows everything. */
export interface AccessGrant {
  /** Whose the connection is: by this name it can be revoked. Not shown to anybody. */
  readonly identity?: string | undefined;
  /**
   * Patterns of the topics that may be read, or written; at most 1000. Events without a topic are
   * then neither. `undefined`: everything.
   */
  readonly topics?: readonly string[] | undefined;
  /**
   * When the grant ends, in milliseconds since 1970. A subscription is told some time before
   * (`renewBeforeMs`), and ended in good order then. `undefined`: with the connection.
   */
  readonly expiresAtMs?: number | undefined;
}

/** A refusal. */
export interface AccessDenial {
  /** 401: it is not known who asks; come back with credentials. 403: it is known, and no. */
  readonly status: 401 | 403;
  /** A sentence for whoever reads the answer. Never a credential. */
  readonly detail?: string | undefined;
  /**
   * The header `WWW-Authenticate`. Default: `Bearer realm="throughline"` with 401, which must have
   * one (RFC 9110 §15.5.2), and none with 403.
   */
  readonly challenge?: string | undefined;
}

export type AccessAnswer = AccessGrant | AccessDenial;

/**
 * Decides about every subscription and everything that is published over HTTP, before anything
 * about the stream is looked up.
 *
 * A hook that throws, rejects, takes too long or answers with something else lets nobody in: the
 * request is answered 503 with `Retry-After`. Subscriptions are asked about again while they last
 * (`reauthorizeMs`), with the same argument: look a session up where it is stored, and do not rely
 * on what was read when the request came.
 */
export type Authorize = (request: AccessRequest) => AccessAnswer | Promise<AccessAnswer>;
