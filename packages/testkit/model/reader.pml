/*
 * The reader: core/connection/transitions.ts and handover.ts, with the driver that carries out the effects,
 * and the bookmark. Of time only the order is modelled: a deadline may pass whenever the path is mute.
 */

mtype = { Idle, Connecting, Live, Stale, Waiting, Closed }
mtype = { Planned, UnderWay }
mtype = { Announced, Suspected }

mtype connection = Idle;
byte present = NONE;
byte successor = NONE;
/* The handover, and why. */
mtype handover = NOTHING;
mtype why = NOTHING;
bool isSuccessorAnswered = false;

/* The bookmark: what the next request shows. */
byte cursor = 0;
bool isGreeted = false;
#ifdef BUG_CURSOR_AT_ID_LINE
byte early = 0;
#endif

#define IS_OPEN (connection == Live || connection == Stale)
#define IS_REPEATED(id) (isGreeted && EPOCH(id) == EPOCH(cursor) && (id) <= cursor)

inline request(c, shown) {
  assert(allowance > 0);
  allowance--;
  if
  :: path[0] == Free -> c = 0
  :: else -> assert(path[1] == Free); c = 1
  fi;
  path[c] = Up;
  delivery[c] = Asked;
#ifdef BUG_CURSOR_AT_ID_LINE
  at[c] = early;
#else
  at[c] = shown;
#endif
  if
  :: hub[c] = 0
  :: HUBS > 1 -> hub[c] = HUBS - 1
  fi
}

/* What was on its way is lost; the hub forgets the connection sooner or later, which nobody sees. */
inline hangUp(c) {
  spill(c);
  forgetDelivery(c);
  path[c] = Free;
  hub[c] = 0;
  written[c] = 0;
  c = NONE
}

inline dropSuccessor() {
  if
  :: successor != NONE -> hangUp(successor)
  :: else
  fi;
  isSuccessorAnswered = false
}

inline takeOver() {
  hangUp(present);
  present = successor;
  successor = NONE;
  handover = NOTHING;
  why = NOTHING;
  isGreeted = false
}

/* The present response or request is lost. Where a successor is on its way, it is the next attempt. */
inline retry() {
  if
#ifndef BUG_LOSS_FORGETS_SUCCESSOR
  :: handover == UnderWay ->
    takeOver();
    connection = (isSuccessorAnswered -> Live : Connecting);
    isSuccessorAnswered = false
#endif
  :: else ->
    hangUp(present);
    isGreeted = false;
    handover = NOTHING;
    why = NOTHING;
    connection = Waiting
  fi
}

/* Another try later: how much later is not modelled. */
inline putOff() {
  dropSuccessor();
  handover = Planned
}

inline sendSuccessor() {
#ifdef BUG_SUCCESSOR_FROM_HEAD
  request(successor, HEAD);
#else
  request(successor, cursor);
#endif
  handover = UnderWay
}

inline moveCursor(id) {
  if
  :: IS_REPEATED(id)
  :: else -> cursor = id
  fi
}

/* The event that has to be told next: what the filter hides is not missed. */
#define AFTER(position) (IS_HIDDEN((position) + 1) -> (position) + 2 : (position) + 1)

inline takeEvent(id) {
  if
#ifndef BUG_REPETITION_UNNOTICED
  :: IS_REPEATED(id)
#endif
  :: else ->
    assert(id == AFTER(told));
    told = id;
    moveCursor(id)
  fi
}

/*
 * A successor may be told of a gap that the present response has led beyond meanwhile, in whole or in part: of
 * that only the rest is told. What is told is true: it joins on, what it names is gone, and none of it has been told.
 */
inline takeGap(kind, id, from) {
  if
#ifdef BUG_GAP_TOLD_TWICE
  :: true ->
#else
  :: kind == TrimmedGap && IS_REPEATED(id)
  :: !(kind == TrimmedGap && IS_REPEATED(id)) ->
    if
    :: kind == TrimmedGap && EPOCH(id) == EPOCH(cursor) && from <= OFFSET(cursor) -> from = OFFSET(cursor) + 1
    :: else
    fi;
#endif
    tellGap(kind, id, from);
#ifndef BUG_SUCCESSOR_OUTLIVES_RESET
    /* What a successor brings that showed a position of the epoch before would lead back there. */
    if
    :: kind == ResetGap && handover == UnderWay -> CONNECTION(miscarry); putOff()
    :: else
    fi
#endif
  fi
}

inline tellGap(kind, id, from) {
  if
  :: kind == TrimmedGap ->
    assert(EPOCH(id) == EPOCH(told));
    assert(from > OFFSET(told) && from <= OFFSET(AFTER(told)) && from <= OFFSET(id));
    assert(EPOCH(id) < epoch || OFFSET(id) < earliest)
  :: else ->
    assert(EPOCH(id) > EPOCH(told));
    assert(EPOCH(id) < epoch || OFFSET(id) < earliest)
  fi;
  told = id;
#ifndef BUG_GAP_LEAVES_CURSOR
  cursor = id
#endif
}

/* Bytes of the present response: what was planned or begun on suspicion alone is called off. */
inline speak() {
  if
  :: connection == Stale -> CONNECTION(recover); connection = Live
  :: else -> CONNECTION(hear)
  fi;
  if
  :: why == Suspected -> dropSuccessor(); handover = NOTHING; why = NOTHING
  :: else
  fi
}

inline takeBlock(kind, id, from) {
  if
  :: kind == Hello ->
    CONNECTION(greet);
    isGreeted = true;
#ifdef BUG_CURSOR_FROM_HELLO
    cursor = id
#endif
  :: kind == Event -> takeEvent(id)
  :: kind == TrimmedGap || kind == ResetGap -> takeGap(kind, id, from)
  :: kind == Beat -> moveCursor(id)
  :: kind == Drain ->
    CONNECTION(plan);
    if
    :: handover != UnderWay -> handover = Planned; why = Announced
    :: else
    fi
  :: kind == End ->
    CONNECTION(finish);
    moveCursor(id);
    assert(id == sealedAt && (told == id || AFTER(told) > id));
    close()
  fi
}

inline close() {
  dropSuccessor();
  hangUp(present);
  handover = NOTHING;
  why = NOTHING;
#ifdef BUG_COMES_BACK_AFTER_END
  connection = Waiting
#else
  connection = Closed
#endif
}

#define NEXT_IS(c, kind) (c != NONE && READABLE(c) && wire[c]?[kind, _, _])
#define HAS_BLOCK(c) (c != NONE && READABLE(c) && nempty(wire[c]) && !wire[c]?[Fin, _, _])

#define PRESENT_IS(state) (present != NONE && path[present] == state)
#define SUCCESSOR_IS(state) (successor != NONE && path[successor] == state)
#define IS_PRESENT_MUTE (present != NONE && MUTE(present))
#define IS_SUCCESSOR_MUTE (successor != NONE && MUTE(successor))

proctype Reader() {
  mtype kind = NOTHING;
  byte id = 0, from = 0, nudges = 0;
  do
  :: atomic {
      connection == Idle ->
      CONNECTION(begin);
      request(present, cursor);
      connection = Connecting
    }
  :: atomic {
      connection == Waiting ->
      CONNECTION(retryNow);
      request(present, cursor);
      connection = Connecting
    }

  /* The request. */
  :: atomic {
      connection == Connecting && NEXT_IS(present, StreamHead) ->
      wire[present]?StreamHead, _, _;
      CONNECTION(answer);
      connection = Live
    }
  :: atomic {
      connection == Connecting && NEXT_IS(present, RefusalHead) ->
      CONNECTION(answer);
      retry()
    }
  :: atomic {
      connection == Connecting && NEXT_IS(present, CompleteHead) ->
      CONNECTION(answer);
      assert(cursor == sealedAt && (told == cursor || AFTER(told) > cursor));
      close()
    }
  :: atomic { connection == Connecting && PRESENT_IS(Cut) -> CONNECTION(miss); retry() }
  :: atomic { connection == Connecting && IS_PRESENT_MUTE -> CONNECTION(expire); retry() }

  /* The response. */
  :: atomic {
      IS_OPEN && HAS_BLOCK(present) ->
      speak();
      wire[present]?kind, id, from;
      takeBlock(kind, id, from);
      kind = NOTHING;
      id = 0;
      from = 0
    }
#ifdef BUG_CURSOR_AT_ID_LINE
  :: atomic { IS_OPEN && NEXT_IS(present, Event) -> wire[present]?<_, early, _> }
#endif
  :: atomic { IS_OPEN && NEXT_IS(present, Fin) -> CONNECTION(reopen); retry() }
  :: atomic { IS_OPEN && PRESENT_IS(Cut) -> CONNECTION(lose); retry() }
  :: atomic {
      /* A pulse: bytes that are no block. */
      (connection == Stale || why == Suspected) && IS_OPEN && PRESENT_IS(Up) ->
      speak()
    }
  :: atomic { connection == Live && IS_PRESENT_MUTE -> CONNECTION(watch); connection = Stale }
  :: atomic { connection == Stale && IS_PRESENT_MUTE -> CONNECTION(giveUp); retry() }

  /* The handover. */
  :: atomic { connection == Live && handover == Planned -> CONNECTION(watch); sendSuccessor() }
  :: atomic {
      nudges < NUDGES && IS_OPEN && isGreeted && handover != UnderWay ->
      nudges++;
      allowance++;
      CONNECTION(suspect);
      if
      :: handover == NOTHING -> why = Suspected
      :: else
      fi;
      if
      :: connection == Live -> handover = Planned
      :: else -> sendSuccessor()
      fi
    }
  :: atomic {
      IS_OPEN && NEXT_IS(successor, StreamHead) ->
      wire[successor]?StreamHead, _, _;
      CONNECTION(weigh);
      isSuccessorAnswered = true
    }
  :: atomic {
      IS_OPEN && (NEXT_IS(successor, RefusalHead) || NEXT_IS(successor, CompleteHead)) ->
      CONNECTION(weigh);
      putOff()
    }
  :: atomic {
      IS_OPEN && isSuccessorAnswered && HAS_BLOCK(successor) ->
      CONNECTION(relieve);
      takeOver();
      isSuccessorAnswered = false;
      connection = Live
    }
  :: atomic { IS_OPEN && SUCCESSOR_IS(Cut) -> CONNECTION(miscarry); putOff() }
  :: atomic { connection == Live && IS_SUCCESSOR_MUTE -> CONNECTION(watch); putOff() }
  od
}
