/*
 * One reader of one stream: log, hubs, path and reader, each in a file of its own, and what has to hold.
 * docs/model.md says what is modelled, what is not, and what was proven with which numbers.
 *
 *   log.pml       what stores events: appended, trimmed, sealed, replaced
 *   delivery.pml  a hub's machine for one subscriber: core/delivery/SPEC.md
 *   feed.pml      a hub's tail of the log, and the pointer that says how far live subscribers are
 *   hub.pml       what stands around both: the start of a delivery, pages, who is told to leave
 *   path.pml      what is on its way, and how it is lost
 *   reader.pml    the client's machine and its bookmark: core/connection/SPEC.md, core/bookmark.ts
 *
 * DELIVERY(x) and CONNECTION(x) name the transition of the SPEC that a step is. A test holds the names
 * against the two tables; in a counterexample they are the story.
 */

/* How much there is of everything. Each run sets its own; runs.json has them. */
#ifndef EVENTS
#define EVENTS 2          /* events that are published */
#endif
#ifndef BREAKS
#define BREAKS 1          /* times that the path breaks, falls silent or is late */
#endif
#ifndef DRAINS
#define DRAINS 0          /* connections that a hub ends after having said so */
#endif
#ifndef NUDGES
#define NUDGES 0          /* times that the reader has cause to doubt its connection */
#endif
#ifndef REFUSALS
#define REFUSALS 0        /* requests that are answered 503 */
#endif
#ifndef TRIMS
#define TRIMS 0           /* times that the log drops what is oldest */
#endif
#ifndef RESETS
#define RESETS 0          /* times that the log is replaced by an empty one, at most 1 */
#endif
#ifndef SEALS
#define SEALS 0           /* times that the stream is declared complete */
#endif
#ifndef BEATS
#define BEATS 0           /* heartbeats beside those of the greetings */
#endif
#ifndef HUBS
#define HUBS 1            /* hubs that serve the log; a request reaches any of them */
#endif
#ifndef SOCKET
#define SOCKET 2          /* blocks that a socket holds before it calls itself full */
#endif
#ifndef PAGE
#define PAGE 2            /* events in one page of the log */
#endif
#ifndef CACHE
#define CACHE 1           /* newest events that a feed keeps in memory */
#endif
#ifndef HIDDEN
#define HIDDEN 0          /* offset of the event that the reader's filter hides; 0: none */
#endif

#define NOTHING 0
#define CONNECTIONS 2     /* the present one and its successor */
#define NONE CONNECTIONS

/* A position is one byte: sixteen offsets to an epoch. */
#define POSITION(epoch, offset) ((epoch) * 16 + (offset))
#define EPOCH(position) ((position) / 16)
#define OFFSET(position) ((position) % 16)
#define BEHIND(a, b) (EPOCH(a) == EPOCH(b) && (a) < (b))
#define IS_HIDDEN(position) (HIDDEN > 0 && OFFSET(position) == HIDDEN)

#define SAY(text) printf(#text)
#define DELIVERY(name) SAY(delivery: name\n)
#define CONNECTION(name) SAY(connection: name\n)

/* Requests that have been paid for: by the beginning, a fault, a drain or a nudge. Each request takes one. */
byte allowance = 1;

/* How far the application has been told, by events and gaps: what everything is judged by. */
byte told = 0;

#include "log.pml"
#include "path.pml"
#include "delivery.pml"
#include "feed.pml"
#include "hub.pml"
#include "reader.pml"

/* Whether the application has been told of everything that the log has. */
#define IS_TOLD_OFFSET (OFFSET(told) == head || (OFFSET(told) + 1 == head && IS_HIDDEN(head)))
#define EVERYTHING_TOLD (EPOCH(told) == epoch && IS_TOLD_OFFSET)

/*
 * When nothing can happen any more, the stream is over, or the reader is live and has been told everything. With
 * the search for cycles, which finds none, this says that every run comes to that.
 */
active proctype Judge() {
  timeout;
  assert(connection == Closed || (connection == Live && EVERYTHING_TOLD))
}

#ifdef LIVENESS
/* The same, said of infinite runs in which everybody gets a turn. */
ltl heals { <>[] EVERYTHING_TOLD }
#endif

init {
  byte i;
  atomic {
    run Publisher();
    run Trouble();
    run Operator();
    for (i : 0 .. HUBS - 1) { run Feed(i) }
    for (i : 0 .. CONNECTIONS - 1) { run Subscriber(i) }
    run Reader()
  }
}
