// Stories about danger: water, fever, fire.

import type { Arc } from "./story.js";

/** Arcs in which people may come to harm. */
export const hazardArcs: readonly Arc[] = [
  {
    name: "canal level",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "weather",
        title: "Water level rising near {place}",
        texts: [
          "Gauge up {18-34} cm since dawn after rain upstream. Drain mouth half blocked with plastic.",
        ],
      },
      {
        afterMinutes: 55,
        source: "alert",
        priority: "critical",
        category: "weather",
        title: "Families asked to move belongings",
        texts: [
          "Disaster cell asks {40-90} families near {place} in {ward} to move belongings upstairs. Shelter open at the municipal school; volunteers with boats on call.",
        ],
      },
      {
        afterMinutes: 25,
        source: "post",
        priority: "medium",
        category: "weather",
        emotion: "Concern",
        title: "Water in the lane",
        texts: [
          "Water is at the second step near {place}. Grandmother refuses to leave without the sewing machine.",
        ],
      },
      {
        afterMinutes: 45,
        source: "brief",
        priority: "critical",
        category: "response",
        title: "Suspend campaigning in {ward}",
        texts: [
          "No flags, no loudspeakers in {ward} until the level falls. All vehicles to the shelter run. Photographs only from residents.",
        ],
      },
      {
        afterMinutes: 140,
        source: "report",
        priority: "high",
        category: "weather",
        title: "Level falling, clean-up begins",
        texts: [
          "Down {10-22} cm in two hours at {place}. {60-120} people in the shelter, food through the night is arranged.",
        ],
      },
      {
        afterMinutes: 130,
        source: "post",
        priority: "medium",
        category: "weather",
        emotion: "Hopeful",
        title: "Home again",
        texts: [
          "Home, mopping. The young people from the Front carried the sewing machine both ways.",
        ],
      },
    ],
  },
  {
    name: "clinic queue",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "health",
        title: "Fever cases up at the {ward} clinic",
        texts: [
          "{22-48} fever cases before noon, usual is twelve. One doctor, no fogging for three weeks around {place}.",
        ],
      },
      {
        afterMinutes: 75,
        source: "post",
        priority: "medium",
        category: "health",
        emotion: "Frustration",
        title: "Token number 94",
        texts: [
          "Token number {71-118} at the clinic near {place}. My boy has slept on two strangers' shoulders already.",
        ],
      },
      {
        afterMinutes: 60,
        source: "alert",
        priority: "high",
        category: "health",
        title: "Mosquito-borne fever confirmed",
        texts: [
          "Health officer confirms {3-7} cases of mosquito-borne fever in {ward}. Standing water at {place} named as the source.",
        ],
      },
      {
        afterMinutes: 50,
        source: "brief",
        priority: "medium",
        category: "opportunity",
        title: "Doctors' evening at {place}",
        texts: [
          "Four volunteer doctors can sit at {place} from {hour}. Announce by word of mouth, keep the party symbol off the tent.",
        ],
      },
      {
        afterMinutes: 170,
        source: "report",
        priority: "medium",
        category: "health",
        title: "Fogging done, queue shorter",
        texts: [
          "Two rounds of fogging at {place}. Evening camp saw {80-160} people; waiting time down to half an hour.",
        ],
      },
    ],
  },
  {
    name: "market fire",
    beats: [
      {
        afterMinutes: 0,
        source: "alert",
        priority: "critical",
        category: "safety",
        title: "Fire in stalls",
        texts: [
          "Fire at {place}, {ward}: {5-12} stalls burning, two fire engines on site, approach road blocked by parked lorries. No injuries reported so far.",
        ],
      },
      {
        afterMinutes: 12,
        source: "post",
        priority: "medium",
        category: "safety",
        emotion: "Anger",
        title: "The engine could not turn in",
        texts: [
          "The fire engine stood {9-16} minutes at the corner because nobody ever cleared the lane at {place}.",
        ],
      },
      {
        afterMinutes: 35,
        source: "report",
        priority: "high",
        category: "safety",
        title: "Fire out, traders counting losses",
        texts: [
          "Fire out at {place}. {coordinator} lists the stall owners; most were not insured. No casualties.",
        ],
      },
      {
        afterMinutes: 55,
        source: "brief",
        priority: "high",
        category: "response",
        title: "Relief first, lane later",
        texts: [
          "Relief desk at {place} by {hour}; documents lost in the fire are what traders ask about. Hold the question of the lane for tomorrow.",
        ],
      },
      {
        afterMinutes: 120,
        source: "post",
        priority: "medium",
        category: "economy",
        emotion: "Hopeful",
        title: "Back with two tables",
        texts: [
          "Selling from two borrowed tables near {place}. People bought things they did not need. Thank you, {ward}.",
        ],
      },
    ],
  },
];
