// Stories about the contest itself: rallies, promises, rumours, debates.

import type { Arc } from "./story.js";

/** Arcs in which the campaigns face each other. */
export const contestArcs: readonly Arc[] = [
  {
    name: "evening rally",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "rally",
        title: "Stage permission granted at {place}",
        texts: [
          "Permission for {hour}, {800-1600} people, loudspeakers until ten. Water and a first-aid tent are still missing.",
        ],
      },
      {
        afterMinutes: 120,
        source: "post",
        priority: "medium",
        category: "rally",
        emotion: "Joy",
        title: "Drums at {place}",
        texts: [
          "Drums from {place} all the way to the main road. Even my uncle who votes for nobody is on the roof.",
          "Half of {ward} is walking to {place}. Someone tell the pakora seller he has won.",
        ],
      },
      {
        afterMinutes: 45,
        source: "report",
        priority: "medium",
        category: "rally",
        title: "Turnout above plan",
        texts: [
          "{coordinator} counts {1100-2400} at {place}. Women's side full to the back. {lead} speaks in ten minutes.",
        ],
      },
      {
        afterMinutes: 20,
        source: "alert",
        priority: "high",
        category: "safety",
        title: "Crowd pressure at exit",
        texts: [
          "Crowd pressure at the single exit of {place}, {ward}. Stewards opening the rear gate; keep the second vehicle convoy away.",
        ],
      },
      {
        afterMinutes: 50,
        source: "brief",
        priority: "medium",
        category: "sentiment",
        title: "What travelled from the {ward} speech",
        texts: [
          "The line about wages before statues is quoted {60-180} times in an hour. The road promise is not quoted at all: drop it tomorrow.",
        ],
      },
    ],
  },
  {
    name: "voter list rumour",
    beats: [
      {
        afterMinutes: 0,
        source: "post",
        priority: "medium",
        category: "rumour",
        emotion: "Concern",
        title: "Are our names gone?",
        texts: [
          "Forwarded five times already: they say all of Block {2-9} near {place} is off the voter list. Is it true?",
        ],
      },
      {
        afterMinutes: 15,
        source: "report",
        priority: "high",
        category: "rumour",
        title: "Voter-list rumour spreading in {ward}",
        texts: [
          "Same message in {14-31} groups within the hour. The picture is from an old list. {coordinator} is checking the real one at the booth office.",
        ],
      },
      {
        afterMinutes: 18,
        source: "alert",
        priority: "critical",
        category: "rumour",
        title: "Crowd at the booth office",
        texts: [
          "{60-150} people at the booth office near {place} demand to see the list. Calm so far. Election officer asks all campaigns not to send workers.",
        ],
      },
      {
        afterMinutes: 15,
        source: "brief",
        priority: "critical",
        category: "response",
        title: "Correct within the hour",
        texts: [
          "Short video with the booth officer, page number visible, no accusation against {rival}. Send it first to the groups where it began.",
        ],
      },
      {
        afterMinutes: 50,
        source: "post",
        priority: "medium",
        category: "rumour",
        emotion: "Neutral",
        title: "Checked, we are on it",
        texts: [
          "Went and looked. All {4-7} of us are on the list, page {11-48}. Please stop forwarding that picture.",
        ],
      },
      {
        afterMinutes: 45,
        source: "report",
        priority: "medium",
        category: "rumour",
        title: "Rumour fading",
        texts: [
          "Forwards in {ward} down to a fifth. Two group owners posted the correction themselves.",
        ],
      },
    ],
  },
  {
    name: "rival promise",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "high",
        category: "rival_move",
        title: "{rival} promises free bus passes",
        texts: [
          "{rivalLead} at {place}: free passes for students and women within a hundred days. No costing given. Applause long.",
        ],
      },
      {
        afterMinutes: 30,
        source: "post",
        priority: "medium",
        category: "transport",
        emotion: "Hopeful",
        title: "A pass would help",
        texts: ["A pass would save me {600-1100} rupees a month. I do not care whose idea it was."],
      },
      {
        afterMinutes: 40,
        source: "brief",
        priority: "high",
        category: "sentiment",
        title: "Pass promise moves young voters",
        texts: [
          "Mood among under-25s in {ward} moves {4-9} points towards {rival}. Do not attack the pass. Ask where the buses are.",
        ],
      },
      {
        afterMinutes: 90,
        source: "report",
        priority: "medium",
        category: "response",
        title: "Counter tested at {place}",
        texts: [
          '"First the bus, then the pass" tested at {place}: remembered by {6-9} of ten an hour later.',
        ],
      },
      {
        afterMinutes: 70,
        source: "post",
        priority: "medium",
        category: "transport",
        emotion: "Neutral",
        title: "First the bus",
        texts: [
          "They are right that a pass is not much use at a stop without a bus. Still, both please.",
        ],
      },
    ],
  },
  {
    name: "old recording",
    beats: [
      {
        afterMinutes: 0,
        source: "alert",
        priority: "critical",
        category: "rumour",
        title: "Edited recording in circulation",
        texts: [
          "Edited recording of {lead} in circulation in {ward}: two sentences from different speeches joined. {90-260} shares in twenty minutes, first seen in a group at {place}.",
        ],
      },
      {
        afterMinutes: 10,
        source: "brief",
        priority: "critical",
        category: "response",
        title: "Release the full recording",
        texts: [
          "Full speech with time marks is ready. Publish it with one sentence of context; do not repeat the false one. Spokesperson on air at {hour}.",
        ],
      },
      {
        afterMinutes: 25,
        source: "post",
        priority: "medium",
        category: "rumour",
        emotion: "Anger",
        title: "Is this what she thinks of us?",
        texts: [
          "If {lead} really said that about the vendors at {place}, she need not come back here.",
        ],
      },
      {
        afterMinutes: 30,
        source: "post",
        priority: "medium",
        category: "rumour",
        emotion: "Neutral",
        title: "Listen to the whole thing",
        texts: ["Listened to the full one. It is cut. You can hear the fan change."],
      },
      {
        afterMinutes: 60,
        source: "report",
        priority: "high",
        category: "sentiment",
        title: "Mood in {ward} recovering",
        texts: [
          "Correction has overtaken the clip {2-4} to 1. Vendors at {place} ask for a visit rather than an apology.",
        ],
      },
    ],
  },
  {
    name: "ward debate",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "campaign",
        title: "Residents invite all lists to {place}",
        texts: [
          "Open debate at {hour}, five questions, two minutes each, no flags. {rival} has accepted.",
        ],
      },
      {
        afterMinutes: 100,
        source: "brief",
        priority: "medium",
        category: "campaign",
        title: "Debate card for {ward}",
        texts: [
          "Three facts, one apology, one promise with a date. The question about parking will come from the second row.",
        ],
      },
      {
        afterMinutes: 80,
        source: "post",
        priority: "medium",
        category: "campaign",
        emotion: "Pride",
        title: "A debate without shouting",
        texts: [
          "Two hours at {place} and nobody shouted. {lead} apologised for the parking mess. {rivalLead} had the better joke.",
        ],
      },
      {
        afterMinutes: 30,
        source: "report",
        priority: "medium",
        category: "sentiment",
        title: "Debate seen as a draw, apology noticed",
        texts: [
          "Exit cards: {38-46} % for {lead}, {36-44} % for {rivalLead}. The apology is mentioned on every third card.",
        ],
      },
    ],
  },
];
