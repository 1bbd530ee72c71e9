// Tells the campaign week, item after item, for as long as anybody listens.

import { civicArcs } from "./arcs-civic.js";
import { contestArcs } from "./arcs-contest.js";
import { hazardArcs } from "./arcs-hazard.js";
import { organisationArcs } from "./arcs-organisation.js";
import { MINUTES_PER_SECOND, paceAt } from "./calendar.js";
import { ownParty, rivals, type Ward, wards } from "./city.js";
import { alerts, briefs, reports } from "./notes.js";
import { closings, subjects } from "./posts.js";
import { createPack, createRandom, type Random } from "./random.js";
import type { Arc, Beat, Emotion, Note, Priority, Source } from "./story.js";
import { type Cast, castFor, fillSlots } from "./teller.js";

/** One item of the feed, before it is given a number and the shape of a message. */
export interface ScenarioItem {
  readonly source: Source;
  readonly ward: Ward;
  readonly priority: Priority;
  readonly category: string;
  readonly title: string;
  readonly text: string;
  /** For posts only. */
  readonly emotion: Emotion | undefined;
  /** For posts only: the code of the party the post is about. */
  readonly party: string | undefined;
  /** For briefs only: 0 to 1. */
  readonly confidence: number | undefined;
  /** Campaign minutes since the beginning. */
  readonly minute: number;
  /** How long to wait after this item before the next one, in milliseconds of real time. */
  readonly pauseMs: number;
}

/** The story, told one item at a time; it never ends. */
export interface Scenario {
  next(): ScenarioItem;
}

interface Thread {
  readonly arc: Arc;
  readonly cast: Cast;
  step: number;
  dueMinute: number;
}

type Told = Omit<ScenarioItem, "minute" | "pauseMs">;

/** So many stories run side by side: enough that something is always about to happen. */
const THREADS = 9;

/** So many texts back, none is repeated. */
const RECENT = 200;

/** Builds the story for a seed. Equal seeds tell it in the same words, at the same pace. */
export function createScenario(seed: number): Scenario {
  const random = createRandom(seed);
  const drawArc = createPack(
    [...civicArcs, ...hazardArcs, ...contestArcs, ...organisationArcs],
    random,
  );
  const drawReport = createPack(reports, random);
  const drawBrief = createPack(briefs, random);
  const drawAlert = createPack(alerts, random);
  const drawWard = createPack(
    wards.flatMap((ward) => Array.from({ length: Math.round(ward.weight * 10) }, () => ward)),
    random,
  );
  const drawStatement = createStatementPacks(random);
  const recentTexts: string[] = [];
  // Warmth of each ward now: beats and time move it, posts follow it.
  const mood = new Map(wards.map((ward) => [ward.slug, ward.lean]));
  let minute = 0;
  let burstLeft = 0;
  const threads: Thread[] = [];
  while (threads.length < THREADS) {
    threads.push(beginThread(random.between(0, 240)));
  }

  function beginThread(delayMinutes: number): Thread {
    const arc = drawArc();
    // A ward has one story at a time, or the texts would contradict each other.
    let ward = drawWard();
    while (threads.some((thread) => thread.cast.ward === ward)) ward = drawWard();
    return { arc, cast: castFor(ward, random), step: 0, dueMinute: minute + delayMinutes };
  }

  function tellDueBeat(): Told | undefined {
    const index = threads.findIndex((thread) => thread.dueMinute <= minute);
    const thread = threads[index];
    const beat = thread?.arc.beats[thread.step];
    if (thread === undefined || beat === undefined) return undefined;
    thread.step += 1;
    const following = thread.arc.beats[thread.step];
    if (following === undefined) {
      threads.splice(index, 1);
      threads.push(beginThread(random.between(30, 180)));
    } else {
      thread.dueMinute = minute + following.afterMinutes;
    }
    swayMood(thread.cast.ward, moodStep(beat));
    return tellBeat(beat, thread.cast, random);
  }

  function swayMood(ward: Ward, step: number): void {
    const now = mood.get(ward.slug) ?? ward.lean;
    // Moods drift back to what the ward is like.
    mood.set(ward.slug, Math.max(-1, Math.min(1, now * 0.96 + ward.lean * 0.04 + step)));
  }

  function tellAmbient(): Told {
    const ward = drawWard();
    const kind = random.next();
    if (kind < 0.74) {
      swayMood(ward, (random.next() - 0.5) * 0.12);
      return tellPost(ward, mood.get(ward.slug) ?? ward.lean, drawStatement, random);
    }
    if (kind < 0.89) return tellNote("report", drawReport(), ward, random);
    if (kind < 0.97) return tellNote("brief", drawBrief(), ward, random);
    return tellNote("alert", drawAlert(), ward, random);
  }

  /** An ambient item that has not been heard lately; after some tries, whatever comes. */
  function tellFreshAmbient(): Told {
    let told = tellAmbient();
    for (let tries = 1; tries < 12 && recentTexts.includes(told.text); tries += 1) {
      told = tellAmbient();
    }
    recentTexts.push(told.text);
    if (recentTexts.length > RECENT) recentTexts.shift();
    return told;
  }

  function drawPauseMs(): number {
    if (burstLeft > 0) {
      burstLeft -= 1;
      return random.between(20, 130);
    }
    // News comes in clusters: now and then several things are reported within a second.
    if (random.chance(0.04)) burstLeft = random.between(4, 9);
    return random.between(420, 1250);
  }

  return {
    next() {
      const told = tellDueBeat() ?? tellFreshAmbient();
      const pauseMs = drawPauseMs();
      const item = { ...told, minute, pauseMs };
      minute += (pauseMs / 1000) * MINUTES_PER_SECOND * paceAt(minute);
      return item;
    },
  };
}

function tellBeat(beat: Beat, cast: Cast, random: Random): Told {
  return {
    source: beat.source,
    ward: cast.ward,
    priority: beat.priority,
    category: beat.category,
    title: fillSlots(beat.title, cast, random),
    text: fillSlots(random.pick(beat.texts), cast, random),
    emotion: beat.emotion,
    party: beat.source === "post" ? partyOf(beat.category, cast, random) : undefined,
    confidence: confidenceOf(beat.source, random),
  };
}

function tellNote(source: Source, note: Note, ward: Ward, random: Random): Told {
  const cast = castFor(ward, random);
  return {
    source,
    ward,
    priority: note.priority,
    category: note.category,
    title: fillSlots(note.title, cast, random),
    text: fillSlots(random.pick(note.texts), cast, random),
    emotion: undefined,
    party: undefined,
    confidence: confidenceOf(source, random),
  };
}

interface Statement {
  readonly category: string;
  readonly text: string;
}

type Temper = "low" | "even" | "high";

/** One pack of statements for each temper, so that none comes back soon. */
function createStatementPacks(random: Random): (temper: Temper) => Statement {
  const pack = (temper: Temper) =>
    createPack(
      subjects.flatMap(({ category, [temper]: texts }) =>
        texts.map((text) => ({ category, text })),
      ),
      random,
    );
  const packs = { low: pack("low"), even: pack("even"), high: pack("high") };
  return (temper) => packs[temper]();
}

function tellPost(
  ward: Ward,
  mood: number,
  drawStatement: (temper: Temper) => Statement,
  random: Random,
): Told {
  const cast = castFor(ward, random);
  const felt = mood + (random.next() - 0.5) * 1.3;
  const emotion = emotionAt(felt, random);
  const subject = drawStatement(felt < -0.18 ? "low" : felt < 0.18 ? "even" : "high");
  const text = `${subject.text} ${random.pick(closings[emotion])}`.trim();
  return {
    source: "post",
    ward,
    priority: "medium",
    category: subject.category,
    title: `${postTitles[subject.category] ?? "Public post"}, ${ward.name}`,
    text: fillSlots(text, cast, random),
    emotion,
    party: partyOf(subject.category, cast, random),
    confidence: undefined,
  };
}

const postTitles: Readonly<Record<string, string>> = {
  roads: "On the roads",
  water: "On water supply",
  jobs: "On work",
  prices: "On prices",
  transport: "On transport",
  safety: "On safety",
  education: "On schools",
  campaign: "On the campaign",
  sanitation: "On sanitation",
};

function emotionAt(felt: number, random: Random): Emotion {
  if (felt < -0.55) return "Anger";
  if (felt < -0.18) return random.pick(["Frustration", "Concern"] as const);
  if (felt < 0.18) return "Neutral";
  if (felt < 0.5) return "Hopeful";
  return random.pick(["Joy", "Pride"] as const);
}

function partyOf(category: string, cast: Cast, random: Random): string | undefined {
  if (category === "campaign" || category === "rally") {
    return random.pick([ownParty, cast.rival]).code;
  }
  return random.chance(0.15) ? random.pick([ownParty, ...rivals]).code : undefined;
}

function confidenceOf(source: Source, random: Random): number | undefined {
  return source === "brief" ? Math.round((0.62 + random.next() * 0.33) * 100) / 100 : undefined;
}

/** How far a beat moves the mood of its ward. */
function moodStep(beat: Beat): number {
  switch (beat.emotion) {
    case "Anger":
      return -0.22;
    case "Frustration":
      return -0.14;
    case "Concern":
      return -0.1;
    case "Hopeful":
      return 0.16;
    case "Pride":
    case "Joy":
      return 0.22;
    default:
      return beat.priority === "critical" ? -0.15 : 0;
  }
}
