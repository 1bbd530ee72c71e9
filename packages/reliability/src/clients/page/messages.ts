// What the measuring program and a page with readers say to each other. It goes over a WebSocket to the
// page, which is never disturbed, and from there to the frame of each reader.

import type { ClientName } from "../clients.js";

/** What the page is told. */
export type PageCommand =
  | { readonly kind: "open"; readonly reader: number; readonly frameUrl: string }
  | { readonly kind: "close"; readonly reader: number };

/** What a frame says. */
export type FrameSays = {
  readonly reader: number;
} & (
  | { readonly kind: "opened" }
  /** Its page stood still for so long that it spoils what was measured. */
  | { readonly kind: "stalled" }
  | { readonly kind: "state"; readonly state: string; readonly reason?: string | undefined }
  | { readonly kind: "event"; readonly data: string }
  | {
      readonly kind: "gap";
      readonly from: number | null;
      readonly to: number | null;
      readonly reason: string;
    }
);

/** What a frame has to do: it stands in the fragment of its address. */
export interface FrameTask {
  readonly reader: number;
  readonly client: ClientName;
  /** Path and query of the stream, on the frame's own origin. */
  readonly url: string;
}

/** Where every server of the matrix has the page of a frame. */
export const FRAME_PATH = "/reader/frame.html";

/** And its script. */
export const FRAME_SCRIPT_PATH = "/reader/frame.js";
