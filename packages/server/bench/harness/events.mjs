// What is published in all workloads, so that a reader can check it without knowing who has served it:
// a mark that occurs nowhere else, a number, and the time.

/** `#`, nine digits of the number, `@`, and twelve digits: microseconds of the machine's clock. */
export const MARK = 0x23;
export const RECORD_BYTES = 23;

const EVENT_BYTES = 200;
const PADDING = "x".repeat(EVENT_BYTES - RECORD_BYTES);

/** Microseconds on a clock that all processes of the machine share. */
export function nowMicros() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** The data of the event with this number: 200 bytes. */
function eventData(number) {
  const time = String(nowMicros()).padStart(12, "0");
  return `#${String(number).padStart(9, "0")}@${time}${PADDING}`;
}

/** As many consecutive events, the first of which has the number `from`. */
export function eventsFrom(from, count) {
  return Array.from({ length: count }, (_, index) => eventData(from + index));
}
