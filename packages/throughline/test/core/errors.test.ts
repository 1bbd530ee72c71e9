import { StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";

describe("a StreamError", () => {
  it("says what, whose fault, and whether the same call may succeed later", () => {
    const error = new StreamError("no", { code: "http", fault: "remote", retryable: true });
    expect(error).toMatchObject({
      name: "StreamError",
      code: "http",
      fault: "remote",
      retryable: true,
    });
    expect(new StreamError("no", { code: "http", fault: "local" }).retryable).toBe(false);
  });

  it("has the error underneath where there is one, and no empty cause where there is none", () => {
    const cause = new Error("below");
    expect(new StreamError("no", { code: "http", fault: "remote", cause }).cause).toBe(cause);
    expect("cause" in new StreamError("no", { code: "http", fault: "remote" })).toBe(false);
  });
});
