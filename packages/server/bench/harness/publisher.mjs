// Publishes over one connection that stays, with as little work as possible: requests are bytes that are
// ready, and of the answers only the status lines are looked at.

import { once } from "node:events";
import { connect } from "node:net";

const STATUS = /HTTP\/1\.1 (\d)/g;

export class Publisher {
  #socket;
  #owed = 0;
  #rest = "";
  #whenAnswered = { resolve: () => {}, reject: () => {} };

  static async connect(port) {
    const publisher = new Publisher();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    publisher.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => publisher.#take(text));
    socket.on("error", (error) => publisher.#whenAnswered.reject(error));
    socket.on("close", () => publisher.#whenAnswered.reject(new Error("the server hung up")));
    return publisher;
  }

  /** Sends requests in one piece, and resolves when all of them have been answered with 2xx. */
  async send(requests) {
    this.#owed = requests.length;
    const answered = new Promise((resolve, reject) => {
      this.#whenAnswered = { resolve, reject };
    });
    this.#socket.write(Buffer.concat(requests));
    await answered;
  }

  close() {
    this.#whenAnswered = { resolve: () => {}, reject: () => {} };
    this.#socket.destroy();
  }

  #take(chunk) {
    const text = this.#rest + chunk;
    let end = 0;
    for (const { 0: line, 1: digit, index } of text.matchAll(STATUS)) {
      end = index + line.length;
      this.#owed -= 1;
      if (digit !== "2") {
        this.#whenAnswered.reject(
          new Error(`the server refuses: ${text.slice(index, index + 400)}`),
        );
      }
    }
    // Shorter than a status line, so that none is counted twice.
    this.#rest = text.slice(Math.max(end, text.length - 9));
    if (this.#owed === 0) this.#whenAnswered.resolve();
  }
}

/** A request with a body, ready to be sent. */
export function postRequest(path, body, type = "text/plain") {
  const bytes = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n${body}`,
  );
}
