// Checks for bugs in our own code. They stay on in production: a machine in an impossible state must
// stop where the bug is, not three seconds later in somebody else's stream.

/** Throws when `condition` is false. `message` says what was expected to hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Throughline bug: ${message}`);
}

/** Ends a switch over a union: the compiler refuses a case that was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`Throughline bug: unexpected value ${JSON.stringify(value)}`);
}
