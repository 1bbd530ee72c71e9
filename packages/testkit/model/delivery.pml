/*
 * The delivery machine: core/delivery/transitions.ts, step for step. The effects of a step are carried out
 * in it, as in the hub, where both are one turn.
 */

mtype = { Asked, Begun, Replaying, Streaming, Draining }
mtype = { APage, AConfirmation, Room, TheFeed }
mtype = { Page, Trimmed, Reset }

byte pointer[HUBS] = 0;
bool feedSealed[HUBS] = false;

/* Of each connection: the hub that it reached, and its delivery. NOTHING: closed. */
byte hub[CONNECTIONS] = 0;
mtype delivery[CONNECTIONS] = NOTHING;
mtype awaits[CONNECTIONS] = NOTHING;
byte at[CONNECTIONS] = 0;
byte pointerThen[CONNECTIONS] = 0;
/* What the log has answered, on its way to the delivery. */
mtype answer[CONNECTIONS] = NOTHING;
byte answerEnd[CONNECTIONS] = 0;
bool farewell[CONNECTIONS] = false;
/* Scratch, 0 between steps: what a page or a gap leads to, what the gap is, and where it was noticed. */
byte upTo = 0;
mtype said = NOTHING;
byte before = 0;

#define POINTER(c) pointer[hub[c]]
#define IS_SEALED(c) feedSealed[hub[c]]
#define SERVED(c) (delivery[c] == Replaying || delivery[c] == Streaming)

inline await(c, what) {
  delivery[c] = Replaying;
  awaits[c] = what;
#ifdef BUG_JOINS_WITHOUT_COMPARING
  pointerThen[c] = (what == APage || what == AConfirmation -> POINTER(c) : pointerThen[c])
#else
  pointerThen[c] = (what == AConfirmation -> POINTER(c) : 0)
#endif
}

inline endDelivery(c) {
  send(c, Fin, 0, 0);
  delivery[c] = Draining;
  awaits[c] = NOTHING;
  at[c] = 0;
  pointerThen[c] = 0;
  answer[c] = NOTHING;
  answerEnd[c] = 0;
  farewell[c] = false
}

inline complete(c) {
  upTo = POINTER(c);
  send(c, End, upTo, 0);
  upTo = 0;
  endDelivery(c)
}

inline join(c) {
  delivery[c] = Streaming;
  awaits[c] = NOTHING;
  at[c] = 0;
  pointerThen[c] = 0
}

/* The decision: what is next for a delivery that has nothing to wait for. */
inline proceed(c) {
  if
#ifdef BUG_JOINS_WITHOUT_COMPARING
  :: at[c] != POINTER(c) && at[c] == pointerThen[c] && !IS_SEALED(c) -> join(c)
#endif
  :: at[c] == POINTER(c) && !IS_SEALED(c) -> join(c)
  :: at[c] == POINTER(c) && IS_SEALED(c) -> complete(c)
  :: BEHIND(at[c], POINTER(c)) -> await(c, APage)
  :: at[c] != POINTER(c) && !BEHIND(at[c], POINTER(c)) -> await(c, AConfirmation)
  fi
}

/* The sink's answer to what was written last. */
inline takeVerdict(c) {
  if
  :: IS_FULL(c) -> DELIVERY(holdBack); await(c, Room)
  :: else -> DELIVERY(goOn); proceed(c)
  fi
}

/* The log knows a position that the feed has not reached. */
inline awaitFeed(c) {
  if
#ifndef BUG_CONFIRMATION_OUT_OF_DATE
  :: POINTER(c) != pointerThen[c] -> proceed(c)
#endif
#ifndef BUG_WAITS_FOR_ENDED_FEED
  :: POINTER(c) == pointerThen[c] && IS_SEALED(c) ->
    /* The reader comes back, to a feed that knows of the new epoch. */
    allowance++;
    endDelivery(c)
#endif
  :: else -> await(c, TheFeed)
  fi
}

#define IS_ONLY_HIDDEN(c) (upTo == at[c] + 1 && IS_HIDDEN(upTo))

inline deliver(c) {
  DELIVERY(deliver);
  if
  :: upTo > at[c] && IS_ONLY_HIDDEN(c) ->
    at[c] = upTo;
    upTo = 0;
    proceed(c)
  :: upTo > at[c] && !IS_ONLY_HIDDEN(c) ->
    do
    :: at[c] < upTo ->
      at[c]++;
      if
      :: IS_HIDDEN(at[c])
      :: else -> send(c, Event, at[c], 0)
      fi
    :: else -> break
    od;
    upTo = 0;
    takeVerdict(c)
  :: upTo <= at[c] ->
    /* An empty page is the answer to a doubt only: the log of this model leads somewhere. */
    assert(upTo == at[c] && awaits[c] == AConfirmation);
    upTo = 0;
    awaitFeed(c)
  fi
}

inline announceGap(c) {
  DELIVERY(announceGap);
  assert(upTo != at[c]);
  sayGap(c);
  at[c] = upTo;
  upTo = 0;
  takeVerdict(c)
}

/* Tells that what comes after `before` is gone, and that delivery goes on after `upTo`. */
inline sayGap(c) {
#ifndef BUG_GAP_UNSAID
  before = OFFSET(before) + 1;
#ifdef BUG_GAP_TOO_WIDE
  upTo++;
#endif
  if
  :: said == Trimmed -> send(c, TrimmedGap, upTo, before)
  :: said == Reset -> send(c, ResetGap, upTo, 0)
  fi;
#endif
  said = NOTHING;
  before = 0
}

inline fallBack(c) {
  DELIVERY(fallBack);
#ifdef BUG_FALLS_BACK_TO_HEAD
  at[c] = HEAD;
#else
  at[c] = POINTER(c);
#endif
#ifdef BUG_POINTER_AFTER_WRITE
  at[c] = (OFFSET(at[c]) > 0 -> at[c] - 1 : at[c]);
#endif
  await(c, Room)
}

inline forgetDelivery(c) {
  delivery[c] = NOTHING;
  awaits[c] = NOTHING;
  at[c] = 0;
  pointerThen[c] = 0;
  answer[c] = NOTHING;
  answerEnd[c] = 0;
  farewell[c] = false
}

/* What is written to a live subscriber may fill its sink. */
inline fallBackIfFull(c) {
  if
  :: IS_FULL(c) && delivery[c] == Streaming -> fallBack(c)
  :: else
  fi
}
