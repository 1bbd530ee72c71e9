// The panel as a component.

import { useEffect, useInsertionEffect } from "react";
import type { PanelOptions } from "./panel/mount.js";
import { mountDevtools } from "./panel/mount.js";
import { installDevtools } from "./recorder.js";

/**
 * Shows the streams of the page, and breaks them on demand. For development only.
 *
 * Its place among the components does not matter, and it renders nothing where it stands. It records
 * the streams that are opened from its first rendering on: load the module before the application
 * renders, and render it with the application, not after it. `docs/devtools.md` has the lines.
 *
 * Props are read once, when it is mounted.
 */
export function ThroughlineDevtools({ isOpen }: PanelOptions): null {
  // An insertion effect comes before every effect that opens a source.
  useInsertionEffect(() => void installDevtools(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as it is at first.
  useEffect(() => mountDevtools({ isOpen }), []);
  return null;
}
