// Who gets a connection, and what becomes of one that nobody can have.

import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { Door, type Host } from "../../../src/cli/workers/door.js";

/** Somebody who takes connections as fast as a test lets them. */
class TestHost implements Host {
  readonly taken: Socket[] = [];
  isReady = true;
  isFree = true;

  get connections(): number {
    return this.taken.length;
  }

  take(socket: Socket): void {
    this.taken.push(socket);
    this.isFree = false;
  }
}

async function openDoor(hosts: readonly TestHost[], maxSockets = 100) {
  const door = new Door(() => hosts, maxSockets);
  door.server.listen(0, "127.0.0.1");
  await once(door.server, "listening");
  const { port } = door.server.address() as AddressInfo;
  onTestFinished(() => {
    door.close();
    for (const socket of hosts.flatMap(({ taken }) => taken)) socket.destroy();
  });
  let accepted = 0;
  door.server.on("connection", () => {
    accepted += 1;
  });
  return {
    door,
    knock: async (): Promise<Socket> => {
      const before = accepted;
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      await once(socket, "connect");
      await vi.waitFor(() => expect(accepted).toBeGreaterThan(before), { timeout: 20_000 });
      return socket;
    },
  };
}

it("a connection goes to whoever has the fewest", async () => {
  const hosts = [new TestHost(), new TestHost(), new TestHost()];
  const { knock } = await openDoor(hosts);
  for (let time = 0; time < 7; time += 1) {
    await knock();
    for (const host of hosts) host.isFree = true;
  }
  expect(hosts.map(({ connections }) => connections)).toEqual([3, 2, 2]);
});

it("one that is not ready gets none while another is, and all when none is", async () => {
  const [ill, well] = [new TestHost(), new TestHost()];
  const { door, knock } = await openDoor([ill, well]);
  ill.isReady = false;
  await knock();
  // The other one is busy with the first, which is no reason to go to one that is ill.
  await knock();
  expect([ill.connections, well.connections]).toEqual([0, 1]);
  well.isFree = true;
  door.handOut();
  expect([ill.connections, well.connections]).toEqual([0, 2]);
  well.isReady = false;
  await knock();
  expect([ill.connections, well.connections]).toEqual([1, 2]);
});

it("a connection waits while nobody is free, and those that have left are forgotten", async () => {
  const host = new TestHost();
  host.isFree = false;
  const { door, knock } = await openDoor([host]);
  const [first, second] = [await knock(), await knock()];
  first.destroy();
  // The socket is not read before it is handed out: that it has gone is for the host to see.
  host.isFree = true;
  door.handOut();
  expect(host.connections).toBe(1);
  host.isFree = true;
  door.handOut();
  expect(host.connections).toBe(2);
  host.taken[1]?.end("hello");
  const [chunk] = (await once(second, "data")) as [Buffer];
  expect(chunk.toString()).toBe("hello");
});

it("what is beyond the limit is closed at once, whoever has the others", async () => {
  const host = new TestHost();
  const { knock } = await openDoor([host], 2);
  await knock();
  await knock();
  const third = await knock();
  await once(third.resume(), "close");
  expect(host.connections).toBe(1);
});

it("what waits when the door closes is ended", async () => {
  const { door, knock } = await openDoor([]);
  const socket = await knock();
  door.close();
  await once(socket.resume(), "close");
});
