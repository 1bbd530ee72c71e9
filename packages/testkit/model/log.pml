/* The log: the only buffer. What it stores is `earliest` to `head`, in the present epoch. */

byte epoch = 0;
byte head = 0;
byte earliest = 1;
bool sealed = false;
/* The position of the last event of a stream that is complete, also after the log was replaced. */
byte sealedAt = 0;

#define HEAD POSITION(epoch, head)
#define BEFORE_EARLIEST POSITION(epoch, earliest - 1)

/* Appends, trims, replaces and completes, each at any moment and as often as the run allows. */
proctype Publisher() {
  byte appended = 0, trims = 0, resets = 0, seals = 0;
  do
  :: atomic {
      appended < EVENTS && !sealed ->
      appended++;
      head++
    }
  :: atomic {
      trims < TRIMS && earliest <= head ->
      trims++;
      earliest++;
      do
      :: earliest <= head -> earliest++
      :: break
      od
    }
  :: atomic {
      resets < RESETS ->
      resets++;
      allowance++;
      epoch++;
      head = 0;
      earliest = 1;
      sealed = false
    }
  :: atomic {
      seals < SEALS && !sealed ->
      seals++;
      sealed = true;
      sealedAt = HEAD
    }
  od
}
