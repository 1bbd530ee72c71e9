// Lines that come together as one batch, so that a large file does not need a request per line and a
// line that comes alone does not wait for others.

/** Most lines in a batch: half of what a hub takes by default. */
const MOST_LINES = 500;

/** Most characters in a batch, where a single line is not longer: an eighth of what a hub takes. */
const MOST_CHARACTERS = 1024 * 1024;

/** How long a line waits for company, in milliseconds: nobody who types notices. */
const WAIT_MS = 50;

/** Groups lines in order. Reads ahead by one line at most. */
export async function* inBatches(lines: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  const iterator = lines[Symbol.asyncIterator]();
  let next = iterator.next();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    const batch = [first.value];
    let characters = first.value.length;
    next = iterator.next();
    const deadline = startDeadline();
    while (batch.length < MOST_LINES && characters < MOST_CHARACTERS) {
      const line = await Promise.race([next, deadline.passed]);
      if (line === "late" || line.done === true) break;
      batch.push(line.value);
      characters += line.value.length;
      next = iterator.next();
    }
    deadline.stop();
    yield batch;
  }
}

function startDeadline(): { readonly passed: Promise<"late">; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), WAIT_MS);
  });
  return { passed, stop: () => clearTimeout(timer) };
}
