// Reports, briefs and alerts that stand alone, between the stories.

import type { Note } from "./story.js";

/** Reports of the field teams. */
export const reports: readonly Note[] = [
  {
    priority: "medium",
    category: "campaign",
    title: "Door-to-door at {place}",
    texts: [
      "{64-148} doors, {38-62} % opened. Most asked about water, second about jobs. {coordinator} marks {7-15} houses for a second visit.",
      "{52-131} doors around {place}. The warm houses are the ones we helped in the floods; {5-12} asked for a poster.",
      "{coordinator}'s team did {70-140} doors by {hour}. Two dogs, one quarrel, {9-21} new numbers for the message list.",
    ],
  },
  {
    priority: "medium",
    category: "rival_move",
    title: "{rival} opens a ward office",
    texts: [
      "New {rival} office at {place}, two rooms, tea all day. Mostly known faces, three former members of ours.",
      "{rival} rents the corner shop at {place} until polling day. Landlord is neutral and pleased.",
    ],
  },
  {
    priority: "medium",
    category: "sentiment",
    title: "Tea-stall soundings in {ward}",
    texts: [
      "{coordinator} sat at {place} for an hour. The {rivalLead} visit came up twice, the price of onions eleven times.",
      "At {place} they call the contest open. {6-13} people spoken to, nobody has changed sides, {2-5} are thinking about it.",
    ],
  },
  {
    priority: "high",
    category: "rival_move",
    title: "Defection rumoured in {rival}",
    texts: [
      "Two booth presidents of {rival} were seen at {place} with the independents. No approach from us until they speak first.",
      "{rival}'s youth secretary in {ward} has taken the symbol off his scooter. {coordinator} says wait.",
    ],
  },
  {
    priority: "medium",
    category: "booth",
    title: "Booth kit check, {ward}",
    texts: [
      "{11-19} of twenty kits complete. Missing: seals, two lamps, one list. Stored at {place}.",
      "Agents for {8-14} booths named, {2-5} still open. Training at {place}, {hour}.",
    ],
  },
  {
    priority: "medium",
    category: "campaign",
    title: "Wall space agreed at {place}",
    texts: [
      "Owner agrees in writing to lime paint, removal included. Other lists may use the left half.",
      "{3-7} walls near {place} agreed for a fortnight; one owner wants the ward's history painted instead, and is right.",
    ],
  },
  {
    priority: "medium",
    category: "community",
    title: "Traders meet at {place}",
    texts: [
      "Traders want parking marked before they talk about anything else. {lead} is asked for a date, not a visit.",
      "{22-60} traders at {place}. {rivalLead} promised a tax holiday by telephone; half of them laughed.",
    ],
  },
  {
    priority: "high",
    category: "booth",
    title: "Ramp missing at polling station",
    texts: [
      "Polling station near {place} has {3-6} steps and no ramp. {24-51} voters in {ward} need one. Request filed with the election officer.",
    ],
  },
  {
    priority: "medium",
    category: "community",
    title: "Self-help groups ask for a hearing",
    texts: [
      "{6-13} groups at {place} want credit terms explained, not promised. Suggest {coordinator} with the bank's own leaflet.",
      "Groups around {place} saved {2-9} lakh this year. They want a counter at the bank, open when they are free.",
    ],
  },
  {
    priority: "medium",
    category: "campaign",
    title: "Loudspeaker route changed",
    texts: [
      "Route avoids {place} during exam hours. {rival} has not changed theirs; parents are keeping count.",
    ],
  },
  {
    priority: "medium",
    category: "sentiment",
    title: "First-time voters at {place}",
    texts: [
      "{18-37} first-time voters spoken to. A third undecided. They ask who answers messages after the election.",
      "Group of {9-24} first-time voters at {place} wrote their own five questions. Copy is with {coordinator}.",
    ],
  },
  {
    priority: "high",
    category: "civic_issue",
    title: "Power cuts during pump hours",
    texts: [
      "Power goes at {hour}, exactly when the pumps run. {120-260} houses near {place} affected, third day.",
    ],
  },
  {
    priority: "medium",
    category: "rally",
    title: "Street play at {place}",
    texts: [
      "Twelve minutes, six actors, {90-240} people. The minister with the plastic shovel got the laugh. Repeat tomorrow at {hour}.",
    ],
  },
  {
    priority: "medium",
    category: "community",
    title: "Elders' circle, {ward}",
    texts: [
      "Pension dates and the steps of the bank. {coordinator} promises an answer by {hour} tomorrow, in person.",
    ],
  },
  {
    priority: "high",
    category: "rival_move",
    title: "{rivalLead} cancels {ward}",
    texts: [
      "{rivalLead}'s stop at {place} is cancelled an hour before; {150-400} people were waiting. No reason given.",
      "{rival} moves tonight's meeting from {place} to another ward. Chairs are still standing there.",
    ],
  },
  {
    priority: "medium",
    category: "transport",
    title: "Auto union undecided",
    texts: [
      "Union at {place} will support whoever publishes the stand plan first. They have seen {2-4} drafts and no map.",
    ],
  },
  {
    priority: "medium",
    category: "campaign",
    title: "Leaflets: second language",
    texts: [
      "{coordinator} asks for {300-900} leaflets in the river dialect for the houses near {place}. The first lot reads like a court order.",
    ],
  },
  {
    priority: "medium",
    category: "civic_issue",
    title: "Small repair, big effect",
    texts: [
      "Hand pump at {place} repaired by two volunteers for {180-420} rupees. {40-90} families use it. No picture was taken, everybody knows.",
    ],
  },
];

/** Briefs of the analysis desk. */
export const briefs: readonly Note[] = [
  {
    priority: "medium",
    category: "sentiment",
    title: "Mood in {ward}: issue before party",
    texts: [
      "{58-74} % of today's posts from {ward} name no party. Those that do name {rival} in connection with {place}.",
    ],
  },
  {
    priority: "high",
    category: "opportunity",
    title: "Open flank at {place}",
    texts: [
      "Nobody has answered the question of the drain at {place} for two days. One visit with an engineer would own it.",
      "{rival} has promised {place} a date and missed it. Ask the question there, not on a stage.",
    ],
  },
  {
    priority: "medium",
    category: "rival_move",
    title: "{rivalLead}'s route",
    texts: [
      "Published stops suggest {ward} tonight at about {hour}. Expect the pass promise and a photograph at {place}.",
    ],
  },
  {
    priority: "low",
    category: "sentiment",
    title: "Quiet in {ward}",
    texts: ["Volume from {ward} {20-40} % below its usual level. No topic stands out."],
  },
  {
    priority: "high",
    category: "sentiment",
    title: "Swing in {ward}",
    texts: [
      "Mood moved {5-11} points in six hours, mostly after {place}. The cause is local; do not answer it city-wide.",
    ],
  },
  {
    priority: "medium",
    category: "message",
    title: "Words that work in {ward}",
    texts: [
      '"Every week, same day" beats "24 by 7" by {2-4} to 1 when people repeat it. Use it for collection and for water.',
      '"Ask me on Friday" is remembered by {4-8} of ten who heard it at {place}. Keep the day, keep the hour.',
    ],
  },
  {
    priority: "medium",
    category: "turnout",
    title: "Turnout model updated",
    texts: [
      "{ward}: {54-67} % expected, morning-heavy. Two booths near {place} decide more than the rest of the ward.",
    ],
  },
  {
    priority: "low",
    category: "message",
    title: "Fewer posts, longer reads",
    texts: [
      "Three posts a day from {ward} are read {20-45} % longer than seven. Drop the noon one.",
    ],
  },
  {
    priority: "medium",
    category: "opportunity",
    title: "Undecided streets of {ward}",
    texts: [
      "{4-9} streets around {place} are within five points. {coordinator} knows {2-4} of them by name.",
    ],
  },
  {
    priority: "high",
    category: "rival_move",
    title: "{rival} shifts money to {ward}",
    texts: [
      "Paid posts by {rival} aimed at {ward} up {2-4} times since morning. Theme: prices. Nothing about {place} yet.",
    ],
  },
  {
    priority: "low",
    category: "sentiment",
    title: "{lead} and {rivalLead} compared",
    texts: [
      'In {ward}, "listens" goes with {lead} {55-70} % of the time, "gets it done" with {rivalLead} {48-61} %.',
    ],
  },
];

/** Alerts of the control room. */
export const alerts: readonly Note[] = [
  {
    priority: "high",
    category: "safety",
    title: "Procession and rally on the same road",
    texts: [
      "Procession and {rival} rally meet on the same road at {place}, {ward}, around {hour}. Traffic police ask for one route change.",
    ],
  },
  {
    priority: "medium",
    category: "civic_issue",
    title: "Water main burst",
    texts: [
      "Water main burst near {place}, {ward}. Repair until {hour}; campaign vehicles use the ring road.",
    ],
  },
  {
    priority: "high",
    category: "safety",
    title: "Blocked exit",
    texts: [
      "Indoor meeting at {place}, {ward}, has one exit and {300-520} people. Organisers are opening the kitchen door.",
    ],
  },
  {
    priority: "critical",
    category: "compliance",
    title: "Cash allegation",
    texts: [
      "Video claims cash handed out at {place}, {ward}, names our office. Legal desk has the original time stamp; nobody comments before {hour}.",
    ],
  },
  {
    priority: "medium",
    category: "weather",
    title: "Thunderstorm",
    texts: [
      "Thunderstorm over {ward} within the hour. Stage at {place} to be cleared of metal poles.",
    ],
  },
  {
    priority: "critical",
    category: "safety",
    title: "Stone thrown at campaign vehicle",
    texts: [
      "Stone thrown at a campaign vehicle at {place}, {ward}. Driver unhurt, culprit unknown. Convoy held; local elders are speaking to both groups.",
    ],
  },
  {
    priority: "high",
    category: "compliance",
    title: "Complaint filed",
    texts: [
      "{rival} files a complaint about vehicle counts in {ward}: {5-9} claimed, three registered. Papers must be at the office by {hour}.",
    ],
  },
  {
    priority: "medium",
    category: "safety",
    title: "Road closed",
    texts: [
      "Road at {place}, {ward}, closed for a wedding until {hour}. Street meeting moves two lanes east.",
    ],
  },
  {
    priority: "high",
    category: "health",
    title: "Heat at the queue",
    texts: [
      "{2-4} people fainted in the ration queue at {place}, {ward}. Water and shade are needed before anything else is said there.",
    ],
  },
];
