// One blow to a path, and what each of the readers made of it that were there.

import { setTimeout as wait } from "node:timers/promises";
import {
  becomesTrue,
  createDeliveryChecker,
  type DeliveryReport,
  judgeScenario,
  measureRecovery,
  NumberedPublisher,
  PROMISES,
  publishedNumber,
  type Random,
  RecordedReader,
  type ScenarioClient,
} from "@throughline/testkit";
import type { BlackholePath } from "../blackhole/blackhole-path.js";
import type { ClientKind } from "../clients/clients.js";
import type { Blow, BlowTimes } from "../faults/blow.js";
import type { OpenPath, PathKind } from "../paths/path.js";
import type { RunResult } from "./result.js";

/** A reader that is not live by then is left out, and said to have failed. */
const LIVE_WITHIN_MS = 20_000;

/** Whoever has not healed by then has not. */
const HEAL_WITHIN_MS = 12_000;

/** Between two events. */
const PUBLISH_EVERY_MS = 100;

/** A blow, and those whom it meets. */
export interface BlowCell {
  readonly blow: Blow;
  readonly pathKind: PathKind;
  readonly path: OpenPath;
  /** Where packets can vanish, for blows that need it. */
  readonly network: BlackholePath | undefined;
  readonly readers: readonly { readonly kind: ClientKind; readonly client: ScenarioClient }[];
  readonly random: Random;
}

/**
 * Deals it once. Resolves with what each reader showed, in their order.
 *
 * @throws when a reader does not become live before the blow, or the blow cannot be dealt
 */
export async function runBlow(cell: BlowCell): Promise<readonly RunResult[]> {
  const { blow, path, network } = cell;
  const stream = `${blow.id}-${crypto.randomUUID().slice(0, 8)}`;
  const checker = createDeliveryChecker();
  const publisher = new NumberedPublisher({ server: path, stream, checker });
  const everyMs = Math.max(PUBLISH_EVERY_MS, path.leastGapMs ?? 0);
  const seats = cell.readers.map(({ kind, client }, index) => ({
    kind,
    client,
    address: network === undefined ? loopback(index) : addressAt(network, index),
    reader: new RecordedReader(`${kind.id} ${index}`, path.numberOf ?? publishedNumber),
    eventsMs: [] as number[],
  }));
  const port = network?.port ?? path.upstream.port;
  try {
    await Promise.all(
      seats.map(async ({ client, address, reader, eventsMs }) => {
        const url = `http://${address}:${port}${path.path(stream)}`;
        checker.joined(reader.name);
        const watch = reader.watch(checker, path.countsOffsets);
        const event = (data: string, id?: string) => {
          eventsMs.push(performance.now());
          watch.event(data, id);
        };
        reader.reader = await client.open(url, { ...watch, event });
      }),
    );
    publisher.one(0);
    const isLive = ({ reader }: (typeof seats)[number]) => reader.isLive && reader.newest >= 0;
    if (!(await becomesTrue(() => seats.every(isLive), LIVE_WITHIN_MS))) {
      const late = seats.filter((seat) => !isLive(seat)).map(({ reader }) => reader.name);
      throw new Error(`Not live within ${LIVE_WITHIN_MS / 1000} s: ${late.join(", ")}.`);
    }
    if (blow.traffic === "busy") publisher.every(everyMs);
    await wait(300 + cell.random() * 700);
    if (blow.isQuiet) {
      publisher.pause();
      await publisher.settled();
    } else publisher.every(everyMs);
    const addresses = seats.map(({ address }) => address);
    const times = await blow.strike({ path, network, addresses, random: cell.random });
    publisher.every(everyMs);
    await comeToRest(publisher, seats, times);
    const report = checker.verdict();
    return seats.map((seat, index) =>
      sumUp(cell, seat, { times: times[index], publisher, report }),
    );
  } finally {
    publisher.pause();
    await Promise.all(seats.map(({ reader }) => reader.reader?.close()));
    await publisher.settled();
  }
}

interface Seat {
  readonly kind: ClientKind;
  readonly reader: RecordedReader;
  /** When it was given each event. */
  readonly eventsMs: readonly number[];
}

/** Publishes until all have an event from after the end, then lets everything arrive; not for ever. */
async function comeToRest(
  publisher: NumberedPublisher,
  seats: readonly Seat[],
  times: readonly BlowTimes[],
): Promise<void> {
  const usableMs = Math.max(...times.map((each) => each.usableMs));
  const has = (number: number) => () => seats.every(({ reader }) => reader.newest >= number);
  const allHealed = await becomesTrue(has(publisher.firstSince(usableMs)), HEAL_WITHIN_MS);
  publisher.pause();
  await publisher.settled();
  const last = publisher.count - 1;
  // Those that have healed have the rest at once, and the others have been waited for.
  await becomesTrue(has(last), allHealed ? HEAL_WITHIN_MS : 2000);
}

interface Outcome {
  readonly times: BlowTimes | undefined;
  readonly publisher: NumberedPublisher;
  readonly report: DeliveryReport;
}

function sumUp({ blow, pathKind }: BlowCell, seat: Seat, outcome: Outcome): RunResult {
  const { kind, reader } = seat;
  const { publisher, report } = outcome;
  const { struckMs, usableMs } = timesOf(blow, seat, outcome);
  const { requestsMs, states, gaps } = reader;
  const healedMs = reader.passedMs(publisher.firstSince(usableMs));
  const measured = measureRecovery({ struckMs, usableMs, requestsMs, states, healedMs });
  const of = (found: readonly { readonly reader: string }[]) =>
    found.filter((each) => each.reader === reader.name).length;
  const counts = {
    lost: of(report.lost),
    repeated: of(report.repeated),
    reordered: of(report.reordered),
  };
  const invented = of(report.unknown) + of(report.unwanted) + of(report.falseGaps);
  // Who got over it on the connection that it had has nothing to begin.
  const isTolerated = usableMs - struckMs <= blow.toleratedMs && measured.healMs !== undefined;
  const expectations = PROMISES.filter(
    (each) => !(isTolerated && each.kind === "within" && each.what === "begin"),
  );
  const readers = [{ ...measured, requestsMs, states, gaps }];
  const broken = kind.isPromised
    ? judgeScenario({ expectations }, { readers, ...counts, invented })
    : [];
  return {
    fault: blow.id,
    client: kind.id,
    path: pathKind.id,
    detectMs: measured.detectMs ?? null,
    beginMs: measured.beginMs ?? null,
    healMs: measured.healMs ?? null,
    ...counts,
    requests: requestsMs.filter((atMs) => atMs >= struckMs).length,
    published: publisher.count,
    broken,
  };
}

function timesOf(
  { countsFromLastEvent }: Blow,
  { reader, eventsMs }: Seat,
  { times = { struckMs: 0, usableMs: 0 } }: Outcome,
): BlowTimes {
  const firstMs = reader.requestsMs.find((atMs) => atMs >= times.struckMs);
  if (!countsFromLastEvent || firstMs === undefined) return times;
  const lastEventMs = eventsMs.findLast((atMs) => atMs < firstMs) ?? 0;
  return { ...times, struckMs: Math.max(times.struckMs, lastEventMs) };
}

/** An address of loopback for each reader: so each has an origin of its own at the same port. */
function loopback(index: number): string {
  return `127.0.1.${index + 1}`;
}

function addressAt({ addresses }: BlackholePath, index: number): string {
  const address = addresses[index];
  if (address === undefined)
    throw new Error(`There are ${addresses.length} addresses, not enough.`);
  return address;
}
