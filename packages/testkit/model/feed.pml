/* The feed of a hub: hub/feed.ts. It alone writes to live subscribers. */

/* Right before the oldest event that a feed keeps in memory. */
byte cachedAfter[HUBS] = 0;

/* The feed has moved: those who wait for it decide anew. */
inline wakeWatchers(h) {
  for (c : 0 .. CONNECTIONS - 1) {
    if
    :: hub[c] == h && awaits[c] == TheFeed -> DELIVERY(catchFeed); proceed(c)
    :: else
    fi
  }
}

/* Moves the pointer by an event, in the turn in which it is written to everybody live. */
inline advance(h) {
  pointer[h]++;
  cachedAfter[h] = (cachedAfter[h] + CACHE < pointer[h] -> pointer[h] - CACHE : cachedAfter[h]);
  for (c : 0 .. CONNECTIONS - 1) {
    if
    :: hub[c] == h && delivery[c] == Streaming && !IS_HIDDEN(pointer[h]) ->
      serve(c)
    :: else
    fi
  }
}

inline serve(c) {
#ifdef BUG_SLOW_READER_IS_SKIPPED
  if
  :: IS_FULL(c)
  :: else -> upTo = POINTER(c); send(c, Event, upTo, 0)
  fi;
#else
  upTo = POINTER(c);
  send(c, Event, upTo, 0);
  fallBackIfFull(c);
#endif
  upTo = 0
}

/* Continuity is broken: everybody live is told, and delivery goes on elsewhere. */
inline jump(h, kind) {
  byte left = pointer[h];
  pointer[h] = BEFORE_EARLIEST;
  cachedAfter[h] = pointer[h];
  for (c : 0 .. CONNECTIONS - 1) {
    if
    :: hub[c] == h && delivery[c] == Streaming ->
      said = kind;
      before = left;
      upTo = pointer[h];
      sayGap(c);
      fallBackIfFull(c);
      upTo = 0
    :: else
    fi
  };
  left = 0
}

inline seal(h) {
  feedSealed[h] = true;
  for (c : 0 .. CONNECTIONS - 1) {
    if
    :: hub[c] == h && delivery[c] == Streaming -> DELIVERY(conclude); complete(c)
    :: else
    fi
  }
}

#define IS_NEXT_STORED(h) (OFFSET(pointer[h]) + 1 >= earliest)

/* The tail of the log, and what a feed does with what it hears. */
proctype Feed(byte h) {
  byte c;
  do
  :: atomic {
      !feedSealed[h] && BEHIND(pointer[h], HEAD) && IS_NEXT_STORED(h) ->
      advance(h);
      wakeWatchers(h);
      c = 0
    }
  :: atomic {
      !feedSealed[h] && BEHIND(pointer[h], HEAD) && !IS_NEXT_STORED(h) ->
      jump(h, Trimmed);
      wakeWatchers(h);
      c = 0
    }
  :: atomic {
      !feedSealed[h] && EPOCH(pointer[h]) != epoch ->
      jump(h, Reset);
      wakeWatchers(h);
      c = 0
    }
#ifdef BUG_END_BEFORE_THE_LAST
  :: atomic { !feedSealed[h] && sealed ->
#else
  :: atomic { !feedSealed[h] && sealed && pointer[h] == HEAD ->
#endif
      seal(h);
      wakeWatchers(h);
      c = 0
    }
  od
}
