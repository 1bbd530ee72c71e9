// Whether cost grows with the work and nothing else: each size at once, four times, and sixteen times, with a
// line fitted through the logarithms. Its slope is the exponent of the growth.

import { cpuMicros } from "../harness/cpu.mjs";
import { Crowd, faultsOf } from "../harness/crowd.mjs";
import { eventsFrom } from "../harness/events.mjs";
import { Publisher } from "../harness/publisher.mjs";
import { MEMORY_HUB, publishRequest } from "../harness/servers.mjs";
import { Stage } from "../harness/stage.mjs";
import { exponent, median } from "../harness/statistics.mjs";
import { digits } from "../report/tables.mjs";

export const name = "scaling";
export const title = "Scaling: what cost grows with";

const FACTORS = [1, 4, 16];

/** What is made larger, what is counted, and how the cost of it should grow. */
const AXES = [
  {
    name: "subscribers of a stream",
    base: 250,
    unit: "µs per event",
    expected: "1: each is written to",
    cost: async (given, size) => {
      await given.crowd.connect(given.server, size);
      const { cpuPerDelivery } = await new Stage(given).deliverForAWhile(size, {
        seconds: given.isQuick ? 0.05 : 0.4,
      });
      return cpuPerDelivery * size;
    },
  },
  {
    name: "streams, with one reader each",
    base: 250,
    unit: "µs per event",
    expected: "0",
    cost: (given, size) =>
      publishEach(given, size, {
        path: (index) => `/streams/bench-${index}`,
        request: (index, data) => publishRequest(`bench-${index}`, [data]),
      }),
  },
  {
    name: "topics, with one reader each",
    base: 250,
    unit: "µs per event",
    expected: "0",
    cost: (given, size) =>
      publishEach(given, size, {
        path: (index) => `/streams/bench?topics=ward/${index}`,
        request: (index, data) => publishRequest("bench", [data], `ward/${index}`),
      }),
  },
  {
    name: "patterns of a reader, of whom there are 250",
    base: 4,
    unit: "µs per event",
    expected: "0",
    cost: (given, size) =>
      publishEach(given, 250, {
        path: (index) => {
          const others = Array.from({ length: size - 1 }, (_, n) => `other/${index}/${n}/*`);
          return `/streams/bench?topics=${[`ward/${index}`, ...others].join(",")}`;
        },
        request: (index, data) => publishRequest("bench", [data], `ward/${index}`),
      }),
  },
  {
    name: "stored history, behind a reader who comes for its end",
    base: 6000,
    unit: "µs per reader",
    expected: "0",
    cost: async (given, size) => {
      const stage = new Stage(given);
      for (let left = size; left > 0; left -= 1000) await stage.publish(Math.min(left, 1000));
      const id = await stage.newestId();
      await stage.publish();
      const readers = given.isQuick ? 50 : 500;
      const requests = [given.server.subscribe({ "Last-Event-ID": id })];
      const back = async () => {
        await given.crowd.seat(readers, stage.next - 1);
        const pids = given.server.pids();
        const before = cpuMicros(pids);
        const seen = await given.crowd.reconnect(given.server, requests, readers);
        await given.crowd.drop();
        given.note(faultsOf(seen));
        return (cpuMicros(pids) - before) / readers;
      };
      await back();
      return await back();
    },
  },
];

export async function measure(run) {
  const rows = [];
  const bars = [];
  for (const axis of AXES) {
    const costs = FACTORS.map(() => []);
    for (let round = 0; round < Math.min(run.rounds, 3); round += 1) {
      for (const [index, factor] of FACTORS.entries()) {
        const base = run.isQuick ? Math.max(2, Math.round(axis.base / 16)) : axis.base;
        costs[index].push(await onStage(run, axis, base * factor));
      }
    }
    const medians = costs.map(median);
    const slope = exponent(medians.map((cost, index) => [FACTORS[index], cost]));
    rows.push([
      axis.name,
      axis.base.toLocaleString("en"),
      ...medians.map((cost) => `${digits(cost)} ${axis.unit}`),
      slope.toFixed(2),
      axis.expected,
    ]);
    bars.push([axis.name.split(",")[0], Math.max(0, slope)]);
  }
  return {
    text: "CPU time of the hub, with the fitted exponent: 0 is constant, 1 is in proportion, and clearly more than what is expected would be a defect. Readers at rest are written a pulse each second, which is part of the cost.",
    parts: [
      {
        title: "Growth",
        columns: ["what grows", "1 ×", "cost at 1 ×", "at 4 ×", "at 16 ×", "exponent", "expected"],
        rows,
        plot: { unit: "exponent", bars },
      },
    ],
  };
}

async function onStage(run, axis, size) {
  const server = await MEMORY_HUB.start(run);
  const crowd = new Crowd(run.children);
  const note = (fault) => {
    if (fault !== undefined) run.faults.push(`${title}, ${axis.name}: ${fault}`);
  };
  let publisher;
  try {
    publisher = await Publisher.connect(server.port);
    return await axis.cost({ server, crowd, publisher, isQuick: run.isQuick, note }, size);
  } finally {
    publisher?.close();
    await crowd.end();
    await server.stop();
  }
}

/** A reader for each index; an event for one after the other, so that each is delivered once. */
async function publishEach({ server, crowd, publisher, isQuick, note }, size, { path, request }) {
  const requests = Array.from(
    { length: size },
    (_, index) => `GET ${path(index)} HTTP/1.1\r\nHost: bench\r\n\r\n`,
  );
  await crowd.connect(server, size, { requests });
  const events = isQuick ? 300 : 4000;
  const publish = async (from) => {
    await crowd.expect(events);
    const pids = server.pids();
    const before = cpuMicros(pids);
    for (let number = from; number < from + events; number += 1) {
      const [data] = eventsFrom(number, 1);
      await publisher.send([request(number % size, data)]);
    }
    const seen = await crowd.finish();
    // Readers get every so many numbers: what is missing in between is not theirs.
    note(faultsOf({ ...seen, lost: seen.records === events ? 0 : events - seen.records }));
    return (cpuMicros(pids) - before) / events;
  };
  if (!isQuick) await publish(1);
  return await publish(1 + events);
}
