import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const MEBIBYTE = 1024 * 1024;

/** What a sender is made to offer: more than the kernel's buffers on two hops hold, by far. */
const OFFERED_MEBIBYTES = 64;

/**
 * Writes until nobody takes any more for 300 ms, or 64 MiB are taken, and returns how many MiB were.
 * The kernel's buffers on the way through the proxy take up to about 20.
 */
export async function fillPath(sender: Socket): Promise<number> {
  const chunk = Buffer.alloc(MEBIBYTE / 16);
  let takenBytes = 0;
  const offer = () => {
    if (takenBytes >= OFFERED_MEBIBYTES * MEBIBYTE) return;
    sender.write(chunk, (error) => {
      if (error) return;
      takenBytes += chunk.length;
      offer();
    });
  };
  offer();
  for (let before = -1; before !== takenBytes; ) {
    before = takenBytes;
    await wait(300);
  }
  return takenBytes / MEBIBYTE;
}
