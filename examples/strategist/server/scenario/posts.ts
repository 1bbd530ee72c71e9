// What the public says between the stories: statements and closings, combined freely.

import type { Emotion } from "./story.js";

/** A subject people post about, with what they say in a bad, an even and a good mood. */
export interface Subject {
  readonly category: string;
  readonly low: readonly string[];
  readonly even: readonly string[];
  readonly high: readonly string[];
}

/** Subjects of public posts; see `Beat` for the slots. */
export const subjects: readonly Subject[] = [
  {
    category: "roads",
    low: [
      "The pit at {place} has been measured three times and filled never.",
      "My scooter found the new trench at {place} before I did.",
    ],
    even: [
      "Road work at {place} again, take the back lane.",
      "They are painting lines at {place}. On dust, but still.",
    ],
    high: [
      "The stretch from {place} is finally smooth.",
      "Went over {place} without standing on the pedals. Strange feeling.",
    ],
  },
  {
    category: "water",
    low: [
      "Water for {20-35} minutes this morning near {place}.",
      "The pump near {place} hums and nothing comes.",
    ],
    even: [
      "Water timing near {place} changes to {hour} from tomorrow.",
      "Tanker schedule is pasted at {place}.",
    ],
    high: [
      "Full pressure near {place} two days in a row.",
      "New valve near {place} and no leak since Friday.",
    ],
  },
  {
    category: "jobs",
    low: [
      "Degree, diploma, typing certificate, and I am queueing at {place} for day work.",
      "Night shift cut again. Half of {ward} works in another city now.",
    ],
    even: [
      "Job camp at {place} on Saturday, bring copies.",
      "They asked at {place} what skills we have. First time.",
    ],
    high: [
      "My cousin starts Monday at the unit near {place}.",
      "Skill centre at {place} has a waiting list, which is good news.",
    ],
  },
  {
    category: "prices",
    low: [
      "Onions at {44-68} near {place}. We cook around them now.",
      "Rent near {place} went up more than my pay. Again.",
    ],
    even: [
      "Ration shop opens at {hour}, the line starts before.",
      "Cylinder price is the same, delivery near {place} takes longer.",
    ],
    high: [
      "Fair-price stall at {place} is worth the walk.",
      "Vegetables cheaper near {place} since the lorries can park.",
    ],
  },
  {
    category: "transport",
    low: [
      "Waited {25-50} minutes at {place}, two full buses went by.",
      "Autos at {place} refuse short trips after eight.",
    ],
    even: [
      "One more bus in the morning at {place}, none more at night.",
      "Autos and vendors at {place} have agreed on a line.",
    ],
    high: [
      "Driver at {place} waited for an old couple. Whole bus clapped.",
      "The new stop at {place} has shade.",
    ],
  },
  {
    category: "safety",
    low: [
      "Third stolen cycle near {place} this month.",
      "Hostel girls still cross {place} in groups of four.",
    ],
    even: [
      "Beat constable has a fixed hour at {place} now.",
      "There is a camera at {place}. Nobody knows who looks.",
    ],
    high: [
      "Lights on at {place}. You can see who is greeting you.",
      "Police post at {place} answered on the second ring.",
    ],
  },
  {
    category: "education",
    low: [
      "One maths teacher for three sections near {place}.",
      "Library near {place} closes when offices close. Who reads then?",
    ],
    even: [
      "Exam timetable is out, loudspeakers please remember.",
      "Parents' meeting at {place}, {hour}.",
    ],
    high: [
      "Evening classes at {place} are full of mothers.",
      "The school near {place} came second in the district.",
    ],
  },
  {
    category: "campaign",
    low: [
      "Four loudspeakers at {place} and not one idea.",
      "{rivalLead} has discovered {ward} again. It must be December.",
      "They promise {ward} a river front. We asked for a drain.",
    ],
    even: [
      "{rival} and the Front both at {place} at {hour}. Avoid if you carry vegetables.",
      "Three manifestos under the door today, one of them readable.",
      "Neighbour says he will decide at the booth. I believe him.",
    ],
    high: [
      "{lead} sat on the floor at {place} and took notes herself.",
      "Volunteer at {place} knew the name of my street. Good sign.",
      "Whatever comes of it, {ward} has not been listened to like this before.",
    ],
  },
  {
    category: "sanitation",
    low: [
      "Drain at {place} is open, a child's slipper is floating in it.",
      "No collection near {place} since Thursday.",
    ],
    even: [
      "Collection near {place} moves to the evening.",
      "New bins at {place}. The goats approve.",
    ],
    high: [
      "Sweepers at {place} by six, lane is spotless.",
      "Drain at {place} cleaned to the bottom, first time in years.",
    ],
  },
];

/** What people add, by mood; an empty text means that they add nothing. */
export const closings: Readonly<Record<Emotion, readonly string[]>> = {
  Anger: ["Enough.", "We will remember this at the booth.", "Shame on all of them.", ""],
  Frustration: [
    "Every year the same.",
    "Who signs for this?",
    "I have stopped calling the helpline.",
    "",
  ],
  Concern: [
    "It cannot go on like this.",
    "Please pass this on to the ward office.",
    "Nobody says when.",
    "",
  ],
  Neutral: ["", "Just so you know.", "Sharing as received.", ""],
  Hopeful: ["Let it last beyond polling day.", "More of this.", "Slowly, slowly.", ""],
  Joy: ["Best news of the week.", "Sweets at our door tonight.", "", "Who would have thought."],
  Pride: ["That is {ward} for you.", "Proud of the youngsters.", "We did this ourselves.", ""],
};
