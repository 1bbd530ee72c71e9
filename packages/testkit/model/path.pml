/*
 * The path of each connection, from the hub to the reader. A block arrives whole or not at all: what is cut
 * inside a block is dropped by the parser, which has tests of its own.
 */

mtype = { Free, Up, Late, Cut, Silent }
mtype = { StreamHead, RefusalHead, CompleteHead, Hello, Event, TrimmedGap, ResetGap, Beat, Drain, End, Fin }

/* A page, a greeting and what is said beside them may exceed what a socket calls full. */
#define ROOM (SOCKET + PAGE + BEATS + DRAINS + 5)

mtype path[CONNECTIONS] = Free;
/* Kind, the position that is the block's id, and the first missing offset of a gap. */
chan wire[CONNECTIONS] = [ROOM] of { mtype, byte, byte };
/* The last event that was written to a connection: none is written to it twice. */
byte written[CONNECTIONS] = 0;

#define CARRIES(c) (path[c] == Up || path[c] == Late)
/* What was on its way when a path was cut may still come, or not: the reader may hear of the end first. */
#define READABLE(c) (path[c] == Up || path[c] == Cut)
#define MUTE(c) (path[c] == Late || path[c] == Silent)
#define IS_FULL(c) (CARRIES(c) && len(wire[c]) >= SOCKET)

inline send(c, kind, id, from) {
  if
  :: kind == Event -> assert(id > written[c]); written[c] = id
  :: else
  fi;
  if
  :: CARRIES(c) -> wire[c]!kind(id, from)
  :: else
  fi
}

inline spill(c) {
  do
  :: len(wire[c]) > 0 -> wire[c]?_, _, _
  :: else -> break
  od
}

/* Breaks the path, makes it fall silent for good, or holds back what is on it for a while. */
proctype Trouble() {
  byte breaks = 0, c = 0;
  do
  :: atomic {
      breaks < BREAKS && (path[0] == Up || path[1] == Up) ->
      breaks++;
      allowance++;
      if
      :: path[0] == Up -> c = 0
      :: path[1] == Up -> c = 1
      fi;
      if
      :: path[c] = Cut
      :: path[c] = Silent; spill(c)
      :: path[c] = Late
      fi;
      c = 0
    }
  :: atomic { path[0] == Late -> path[0] = Up }
  :: atomic { path[1] == Late -> path[1] = Up }
  od
}
