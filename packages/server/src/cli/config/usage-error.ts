// A command that was called in a way that cannot work.

/**
 * Says what is wrong with a call or its configuration: whole lines for the one who made it, without
 * secrets. No stack is of interest.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
