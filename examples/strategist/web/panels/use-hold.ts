import { useState } from "react";
import type { FeedEntry } from "../model/feed.js";

/** A list that can be held still while it is read. */
export interface Hold {
  /** The lines to show. */
  readonly shown: readonly FeedEntry[];
  /** Newer lines that wait. */
  readonly waiting: number;
  /** Tells how far the reader has scrolled; away from the top the list is held. */
  onScroll(scrollTop: number): void;
}

/** Further than this from the top the reader is reading something older. */
const AT_TOP_PX = 6;

/**
 * Holds a list, newest first, while the reader has paused it or has scrolled away from its top, so
 * that lines do not move under the eyes.
 */
export function useHold(entries: readonly FeedEntry[], isPaused: boolean): Hold {
  const [isScrolled, setIsScrolled] = useState(false);
  const [heldAt, setHeldAt] = useState<number>();
  const isHeld = isPaused || isScrolled;
  const newest = entries[0]?.order ?? 0;

  // Adjusted while rendering, so that no line slips in between.
  if (isHeld && heldAt === undefined) setHeldAt(newest);
  if (!isHeld && heldAt !== undefined) setHeldAt(undefined);

  const limit = isHeld ? (heldAt ?? newest) : Number.POSITIVE_INFINITY;
  const shown = entries.filter((entry) => entry.order <= limit);
  return {
    shown,
    waiting: entries.length - shown.length,
    onScroll: (scrollTop) => setIsScrolled(scrollTop > AT_TOP_PX),
  };
}
