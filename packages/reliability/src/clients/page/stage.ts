// The script of the page that holds the frames: carries commands to them, and their words back.

import type { FrameSays, PageCommand } from "./messages.js";

const frames = new Map<number, HTMLIFrameElement>();
const control = new WebSocket(`ws://${location.host}/control`);

control.onmessage = ({ data }) => {
  const command = JSON.parse(String(data)) as PageCommand;
  if (command.kind === "open") open(command.reader, command.frameUrl);
  else {
    frames.get(command.reader)?.remove();
    frames.delete(command.reader);
  }
};

addEventListener("message", ({ data }: MessageEvent<FrameSays>) => {
  control.send(JSON.stringify(data));
});

/** Each is shown, if small: what nobody can see has slower timers. */
function open(reader: number, frameUrl: string): void {
  const frame = document.createElement("iframe");
  frame.width = "24";
  frame.height = "24";
  frame.src = frameUrl;
  frames.set(reader, frame);
  document.body.append(frame);
}
