// Takes the connections of streams out of node:http once their head is sent. What node:http keeps for a
// connection (parser, request, response) is more than half of what a reader at rest costs, and a
// stream needs none of it any more. docs/decisions/0018-lean-server.md.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** What a lean server knows of its connections. */
interface Book {
  /** What node:http listens to on each socket; empty until there has been one. */
  listeners: readonly HttpListener[];
  /** Notes who has taken a socket, and tells them of its end. */
  onTaken(socket: Socket, taker: Taker): void;
}

/** Who has taken a socket. */
export interface Taker {
  /** The connection is gone. */
  lose(): void;
}

/** Where a listener of node:http stands among those of a socket, and what it is called. */
interface HttpListener {
  readonly event: string;
  readonly position: number;
  readonly name: string;
}

type Listener = (...args: unknown[]) => void;

/** A socket of a lean server, from its first request until it is taken. */
interface KnownSocket extends Socket {
  [BOOK]?: Book | undefined;
  [LAST_REQUEST]?: IncomingMessage | undefined;
  [TAKER]?: Taker;
}

const BOOK = Symbol("the book of the lean server");
const LAST_REQUEST = Symbol("the request that came last");
const TAKER = Symbol("who has taken the socket");

/**
 * Lets a hub keep no more than the socket for each reader of a stream: about 6 KB of memory in place of 13.
 * Returns the server, whose `closeAllConnections` ends the readers' connections as before.
 *
 * Call it before the server listens. From then on, request and response of a stream that `hub.handleNode` has
 * answered are dead once the head has been sent: they emit nothing and end nothing. Where somebody
 * listens to the response for its end, as frameworks and middleware do, the hub leaves it as it is.
 * The answer says `connection: close`, because node:http does not see its end.
 */
export function leanServer<S extends Server>(server: S): S {
  const taken = new Set<Socket>();
  // One listener for all of them: what is made for each costs memory for each.
  function forget(this: KnownSocket): void {
    taken.delete(this);
    this[TAKER]?.lose();
  }
  const book: Book = {
    listeners: [],
    onTaken: (socket: KnownSocket, taker) => {
      socket[TAKER] = taker;
      taken.add(socket);
      socket.on("close", forget);
    },
  };
  learnListeners(server, book);
  server.prependListener("request", (request: IncomingMessage) => {
    const socket: KnownSocket = request.socket;
    socket[BOOK] = book;
    socket[LAST_REQUEST] = request;
  });
  const closeAllConnections = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeAllConnections();
    for (const socket of taken) socket.destroy();
  };
  return server;
}

/** Looks at the first socket before the server's own listener to `connection` has had it, and after. */
function learnListeners(server: Server, book: Book): void {
  let before: ReadonlySet<Listener> = new Set();
  server.prependOnceListener("connection", (socket: Socket) => {
    before = new Set(socket.eventNames().flatMap((event) => listenersTo(socket, String(event))));
  });
  server.once("connection", (socket: Socket) => {
    const events = socket.eventNames().filter((event) => typeof event === "string");
    book.listeners = events.flatMap((event) =>
      listenersTo(socket, event).flatMap((listener, position) =>
        before.has(listener) ? [] : [{ event, position, name: listener.name }],
      ),
    );
  });
}

/** Whether a connection may be taken: it is one of a lean server, and this Node has the means. */
export function isLean(response: ServerResponse): boolean {
  const socket: KnownSocket | null = response.socket;
  return socket?.[BOOK] !== undefined && typeof response.detachSocket === "function";
}

/**
 * Takes the socket of a response that goes on out of node:http, unless somebody there still needs it. The
 * request has to be read to its end, and the parser must not be at work: at the request's `end`, or later,
 * and not from within its first event.
 *
 * @param taker told of the connection's end from now on
 * @param ownListeners how many listeners to the response's `close` are the taker's own
 * @returns whether it was taken: from now on nobody but the caller listens to the socket
 */
export function takeFromHttp(
  request: IncomingMessage,
  response: ServerResponse,
  taker: Taker,
  ownListeners: number,
): boolean {
  const socket: KnownSocket | null = response.socket;
  const book = socket?.[BOOK];
  if (socket === null || book === undefined) return false;
  if (socket.destroyed || response.writableEnded || !request.readableEnded) return false;
  // Another request that came behind this one waits for its turn, and would be taken down.
  if (socket[LAST_REQUEST] !== request) return false;
  if (isHeard(request, response, ownListeners)) return false;
  const listeners = findListeners(socket, book);
  if (listeners === undefined) return false;

  socket[BOOK] = undefined;
  socket[LAST_REQUEST] = undefined;
  response.detachSocket(socket);
  for (const { event, listener } of listeners) socket.removeListener(event, listener);
  // To node:http this is the end of the connection: it gives its parser back, and forgets all three. It
  // makes an error for it that nobody sees; without its stack that costs nothing.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (const { event, listener } of listeners) if (event === "close") listener(false);
  Error.stackTraceLimit = stackTraceLimit;
  // It has put ones of its own there, for each socket.
  const { on, addListener, prependListener } = Socket.prototype;
  Object.assign(socket, { on, addListener, prependListener });
  book.onTaken(socket, taker);
  return true;
}

/** Whether somebody else wants to know how request and response end. */
function isHeard(
  request: IncomingMessage,
  response: ServerResponse,
  ownListeners: number,
): boolean {
  const ends = ["aborted", "close", "error"].some((name) => request.listenerCount(name) > 0);
  // The one listener to `finish` is that of node:http.
  return (
    ends || response.listenerCount("close") > ownListeners || response.listenerCount("finish") > 1
  );
}

/** The listeners of node:http; `undefined` where they are not where they have to be. */
function findListeners(
  socket: Socket,
  book: Book,
): readonly { readonly event: string; readonly listener: Listener }[] | undefined {
  const found = [];
  for (const { event, position, name } of book.listeners) {
    const listener = listenersTo(socket, event)[position];
    if (listener?.name !== name) return undefined;
    found.push({ event, listener });
  }
  return found.length > 0 ? found : undefined;
}

function listenersTo(socket: Socket, event: string): Listener[] {
  return socket.rawListeners(event) as Listener[];
}
