// What the analysis desk advises, by mood and by the issue that is heard most.

import { ownParty, type Ward } from "./city.js";

/** The worded part of an analysis. */
export interface Recommendation {
  readonly summary: string;
  readonly recommendations: readonly string[];
}

/** Words a result. `mood` is -1 to 1; `issue` is the category heard most, if any. */
export function recommend(ward: Ward, mood: number, issue: string | undefined): Recommendation {
  const advice = issue === undefined ? undefined : adviceByIssue[issue];
  return {
    summary: `${ward.name} is ${moodWord(mood)}. ${advice?.reading ?? quietReading}`,
    recommendations: advice?.steps ?? quietSteps,
  };
}

function moodWord(mood: number): string {
  if (mood < -0.3) return "angry, and says so";
  if (mood < -0.08) return "impatient";
  if (mood < 0.12) return "undecided";
  if (mood < 0.35) return "well disposed";
  return "warm towards the campaign";
}

interface Advice {
  readonly reading: string;
  readonly steps: readonly string[];
}

const quietReading = "No single issue dominates; personal contact decides here.";
const quietSteps = [
  "Finish the second round of doors before adding events.",
  "Let ward volunteers speak; keep the stage for the last evening.",
];

const adviceByIssue: Readonly<Record<string, Advice>> = {
  civic_issue: {
    reading: "Services come before parties: people compare dates, not promises.",
    steps: [
      "Publish one repair with street, date and a name to call.",
      "Bring the engineer to the next street meeting and let him answer.",
      "Keep city-wide slogans out of this ward until the repair is done.",
    ],
  },
  rival_move: {
    reading: "A rival sets the subject at the moment.",
    steps: [
      "Answer with a question that only residents can ask.",
      "Do not repeat the rival's wording; it is the better-known one.",
      "Move one strong local face here for two evenings.",
    ],
  },
  rumour: {
    reading: "Rumours travel faster than the campaign does.",
    steps: [
      "Name one person per street who checks and answers within an hour.",
      "Send corrections first to the groups where the rumour began.",
    ],
  },
  sentiment: {
    reading: "The mood is moving; its cause is local.",
    steps: [
      "Ask ten households what changed this week before saying anything.",
      `Hold back ${ownParty.leader}'s visit until the answer is known.`,
    ],
  },
  campaign: {
    reading: "The ward sees more campaign than conversation.",
    steps: [
      "Halve the loudspeaker hours and double the doors.",
      "Use the best listener on the team for the undecided streets.",
    ],
  },
  safety: {
    reading: "Safety is what people talk about after dark.",
    steps: [
      "Support the residents' walk without flags.",
      "Ask in writing for the repair order of the lights, and show the reply.",
    ],
  },
  health: {
    reading: "Health has displaced every other subject.",
    steps: [
      "Put doctors before speakers for three days.",
      "Publish fogging and clinic hours every morning at the same time.",
    ],
  },
  weather: {
    reading: "The water decides what may be said.",
    steps: ["Suspend campaigning; run vehicles and meals.", "Return first with the clean-up crew."],
  },
};
