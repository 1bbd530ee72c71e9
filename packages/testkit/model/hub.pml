/* What stands around a delivery: hub/delivery-start.ts, subscribe.ts, page-source.ts, subscriber.ts. */

byte refusals = 0;

#define HOLDS(c, h) (hub[c] == h && delivery[c] != NOTHING && delivery[c] != Asked)
#define IS_HELD(h) (HOLDS(0, h) || HOLDS(1, h))

#define IS_CACHED(c) (BEHIND(at[c], POINTER(c)) && at[c] >= cachedAfter[hub[c]])
#define COVERS(c) (at[c] == POINTER(c) || IS_CACHED(c))

#define END_OF_PAGE(c, through) (at[c] + PAGE < (through) -> at[c] + PAGE : (through))

/* What the log says of what comes after a position, not beyond `through`. */
inline readLog(c, through) {
  if
  :: EPOCH(at[c]) != epoch ->
    answer[c] = Reset;
    answerEnd[c] = BEFORE_EARLIEST
  :: EPOCH(at[c]) == epoch && OFFSET(at[c]) + 1 < earliest ->
    answer[c] = Trimmed;
    answerEnd[c] = BEFORE_EARLIEST
  :: EPOCH(at[c]) == epoch && OFFSET(at[c]) + 1 >= earliest ->
    answer[c] = Page;
    answerEnd[c] = END_OF_PAGE(c, through)
  fi
}

/* Looks where the shown cursor is. Between this and the greeting anything may happen. */
inline findStart(c) {
  renewFeed(hub[c]);
  if
  :: COVERS(c)
  :: else ->
    readLog(c, at[c]);
    if
    :: answer[c] == Page -> answer[c] = NOTHING; answerEnd[c] = 0
    :: else
    fi
  fi;
  delivery[c] = Begun
}

/* A feed that has heard the end is dropped with its last subscriber; the next one gets another. */
inline renewFeed(h) {
  if
  :: feedSealed[h] && EPOCH(pointer[h]) != epoch && !IS_HELD(h) ->
    pointer[h] = HEAD;
    cachedAfter[h] = HEAD;
    feedSealed[h] = sealed
  :: else
  fi
}

/*
 * The head, and the greeting: hello, a gap where there is one, and only then a cursor. The verdict on all of
 * it is the first input of the delivery.
 */
inline beginDelivery(c) {
  if
  :: refusals < REFUSALS ->
    refusals++;
    allowance++;
    send(c, RefusalHead, 0, 0);
    forgetDelivery(c)
  :: IS_SEALED(c) && answer[c] == NOTHING && at[c] == POINTER(c) ->
    send(c, CompleteHead, 0, 0);
    forgetDelivery(c)
  :: !(IS_SEALED(c) && answer[c] == NOTHING && at[c] == POINTER(c)) ->
    send(c, StreamHead, 0, 0);
    send(c, Hello, POINTER(c), 0);
#ifdef BUG_CURSOR_BEFORE_GAP
    upTo = (answer[c] == NOTHING -> at[c] : answerEnd[c]);
    send(c, Beat, upTo, 0);
    upTo = 0;
#endif
    if
    :: answer[c] == NOTHING
    :: else ->
      takeNote(c);
      sayGap(c);
      at[c] = upTo;
      upTo = 0
    fi;
#ifndef BUG_CURSOR_BEFORE_GAP
    send(c, Beat, at[c], 0);
#endif
    takeVerdict(c)
  fi
}

/* A page in memory is delivered at once. Where the log is read, its answer comes later. */
inline askForPage(c) {
  if
  :: IS_CACHED(c) ->
    upTo = END_OF_PAGE(c, POINTER(c));
    deliver(c)
  :: !IS_CACHED(c) && BEHIND(at[c], POINTER(c)) -> readLog(c, POINTER(c))
  :: !IS_CACHED(c) && !BEHIND(at[c], POINTER(c)) -> readLog(c, at[c])
  fi
}

inline takeNote(c) {
  said = answer[c];
  before = at[c];
  upTo = answerEnd[c];
  answer[c] = NOTHING;
  answerEnd[c] = 0
}

inline takeAnswer(c) {
  takeNote(c);
  if
  :: said == Page -> deliver(c)
  :: else -> announceGap(c)
  fi
}

/* One delivery: everything that it does by itself. What the feed does to it stands in hub.pml. */
proctype Subscriber(byte c) {
  do
  :: atomic { delivery[c] == Asked && CARRIES(c) -> findStart(c) }
  :: atomic { delivery[c] == Begun && CARRIES(c) -> beginDelivery(c) }
  :: atomic {
      (awaits[c] == APage || awaits[c] == AConfirmation) && answer[c] == NOTHING ->
      askForPage(c)
    }
  :: atomic { awaits[c] != NOTHING && answer[c] != NOTHING -> takeAnswer(c) }
  :: atomic { awaits[c] == Room && !IS_FULL(c) -> DELIVERY(takeUp); proceed(c) }
  :: atomic { farewell[c] && delivery[c] == Replaying -> DELIVERY(finishReplay); endDelivery(c) }
  :: atomic { farewell[c] && delivery[c] == Streaming -> DELIVERY(finishLive); endDelivery(c) }
  :: atomic { delivery[c] == Draining && !IS_FULL(c) -> DELIVERY(settle); forgetDelivery(c) }
  :: atomic {
      delivery[c] == Draining && CARRIES(c) && nempty(wire[c]) ->
      DELIVERY(expire);
      allowance++;
      path[c] = Cut;
      forgetDelivery(c)
    }
  :: atomic {
      delivery[c] != NOTHING && (path[c] == Cut || path[c] == Silent) ->
      if
      :: delivery[c] == Streaming -> DELIVERY(forgetLive)
      :: else -> DELIVERY(forget)
      fi;
      forgetDelivery(c)
    }
  od
}

#ifdef BUG_BEAT_TELLS_THE_HEAD
#define BEAT(c) HEAD
#else
#define BEAT(c) (delivery[c] == Streaming -> POINTER(c) : at[c])
#endif

#define HEARS(c) (SERVED(c) && CARRIES(c) && !farewell[c])

inline chooseServed(c) {
  if
  :: HEARS(0) -> c = 0
  :: HEARS(1) -> c = 1
  fi
}

/* Heartbeats, and the end of a connection that is announced before. */
proctype Operator() {
  byte beats = 0, drains = 0, c = 0;
  do
  :: atomic {
      beats < BEATS && (HEARS(0) || HEARS(1)) ->
      chooseServed(c);
      beats++;
      if
      :: IS_FULL(c)
      :: else -> upTo = BEAT(c); send(c, Beat, upTo, 0); fallBackIfFull(c); upTo = 0
      fi;
      c = 0
    }
  :: atomic {
      drains < DRAINS && (HEARS(0) || HEARS(1)) ->
      chooseServed(c);
      drains++;
      allowance++;
      farewell[c] = true;
      send(c, Drain, 0, 0);
      fallBackIfFull(c);
      c = 0
    }
  od
}

