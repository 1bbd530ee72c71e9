// A client that shows every byte.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

export class RawSocket {
  text = "";
  isClosed = false;
  readonly socket: Socket;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.text += text;
      this.#wake();
    });
    // A reset is one way for a connection to end; tests look at how far it came.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawSocket(socket);
  }

  /** Sends lines of a request's head, and the empty line after them. */
  request(...lines: readonly string[]): this {
    this.socket.write([...lines, "", ""].join("\r\n"));
    return this;
  }

  async until(holds: (text: string) => boolean): Promise<string> {
    while (!holds(this.text)) {
      if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.text;
  }

  async closed(): Promise<string> {
    if (!this.isClosed) await once(this.socket, "close");
    return this.text;
  }
}

/** The payload of a chunked body; throws at anything that is not one. */
export function dechunk(body: string): { payload: string; isEnded: boolean } {
  let rest = body;
  let payload = "";
  while (rest !== "") {
    const [, digits = "", after = ""] = /^([0-9a-f]+)\r\n([\s\S]*)$/.exec(rest) ?? [];
    const size = Number.parseInt(digits, 16);
    if (after.slice(size, size + 2) !== "\r\n")
      throw new Error(`no chunk: ${JSON.stringify(rest)}`);
    if (size === 0) return { payload, isEnded: true };
    payload += after.slice(0, size);
    rest = after.slice(size + 2);
  }
  return { payload, isEnded: false };
}

/** What comes after the head of a response. */
export function bodyOf(response: string): string {
  return response.slice(response.indexOf("\r\n\r\n") + 4);
}
