// Stories about the campaign's own house: posters, volunteers, rules.

import type { Arc } from "./story.js";

/** Arcs about running a campaign. */
export const organisationArcs: readonly Arc[] = [
  {
    name: "posters torn",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "campaign",
        title: "Posters torn at {place}",
        texts: [
          "{30-70} posters torn overnight. Camera of the sweet shop may have it. Volunteers want to answer in kind; told not to.",
        ],
      },
      {
        afterMinutes: 60,
        source: "alert",
        priority: "high",
        category: "safety",
        title: "Scuffle between volunteers",
        texts: [
          "Scuffle between volunteers of two lists at {place}, {ward}. One injured hand, police present. Our team is withdrawn to the ward office.",
        ],
      },
      {
        afterMinutes: 25,
        source: "brief",
        priority: "high",
        category: "response",
        title: "Joint statement offered",
        texts: [
          "{rival}'s ward secretary is willing to sign a joint line against violence. Take it before {hour}; both sides lose from pictures.",
        ],
      },
      {
        afterMinutes: 85,
        source: "post",
        priority: "medium",
        category: "campaign",
        emotion: "Neutral",
        title: "They shook hands",
        texts: [
          "Both ward secretaries had tea at {place} in front of everybody. The boys who fought yesterday were serving it.",
        ],
      },
    ],
  },
  {
    name: "volunteers missing",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "campaign",
        title: "{ward} short of volunteers",
        texts: [
          "{coordinator} has {9-17} of thirty volunteers for tomorrow's door-to-door. Exams and the harvest are the reasons given.",
        ],
      },
      {
        afterMinutes: 60,
        source: "brief",
        priority: "medium",
        category: "campaign",
        title: "Move a team to {ward}",
        texts: [
          "Gulmohar team finished early and can cover {place} tomorrow from {hour}. Transport is the only open point.",
        ],
      },
      {
        afterMinutes: 140,
        source: "report",
        priority: "medium",
        category: "campaign",
        title: "Door-to-door back on plan",
        texts: [
          "{210-390} doors around {place} by evening. Two thirds opened; water and wages are the words people use.",
        ],
      },
    ],
  },
  {
    name: "code of conduct",
    beats: [
      {
        afterMinutes: 0,
        source: "alert",
        priority: "high",
        category: "compliance",
        title: "Notice from the election officer",
        texts: [
          "Notice: hoardings within the limit of a polling station at {place}, {ward}. Remove within {3-6} hours or face a complaint.",
        ],
      },
      {
        afterMinutes: 40,
        source: "report",
        priority: "medium",
        category: "compliance",
        title: "Hoardings down at {place}",
        texts: [
          "{6-14} hoardings taken down and photographed. Two belong to {rival}; left in place, reported.",
        ],
      },
      {
        afterMinutes: 60,
        source: "brief",
        priority: "low",
        category: "compliance",
        title: "Check the other stations",
        texts: [
          "Same distance problem is likely at three more stations. A list with map references is with the ward teams.",
        ],
      },
    ],
  },
];
