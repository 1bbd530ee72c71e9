// Stories about the city's services: what goes wrong, who notices, and how it ends.

import type { Arc } from "./story.js";

/** Arcs about water, lights, collection, schools and buses. */
export const civicArcs: readonly Arc[] = [
  {
    name: "brown water",
    beats: [
      {
        afterMinutes: 0,
        source: "post",
        priority: "medium",
        category: "water",
        emotion: "Frustration",
        title: "Brown water from the taps",
        texts: [
          "Third morning of brown water near {place}. We filled two buckets and threw both away.",
          "Tap water near {place} smells of rust again. Who do we call when nobody picks up?",
        ],
      },
      {
        afterMinutes: 35,
        source: "report",
        priority: "high",
        category: "civic_issue",
        title: "Water complaints cluster around {place}",
        texts: [
          "{coordinator} counts {18-40} households with discoloured water. The line was opened for road work last week and closed without flushing.",
        ],
      },
      {
        afterMinutes: 50,
        source: "alert",
        priority: "critical",
        category: "health",
        title: "Children treated after drinking tap water",
        texts: [
          "{4-9} children from {place} treated for stomach infection. Parents blame the water line. Ward doctor asks for boiled-water notices before evening.",
        ],
      },
      {
        afterMinutes: 40,
        source: "brief",
        priority: "high",
        category: "response",
        title: "Suggested line on the {ward} water line",
        texts: [
          "Lead with tankers and testing, not blame. Name the two streets, give the helpline, and let the local team speak before {lead} does.",
        ],
      },
      {
        afterMinutes: 110,
        source: "post",
        priority: "medium",
        category: "water",
        emotion: "Hopeful",
        title: "Tankers have come",
        texts: [
          "Two tankers at {place} since {hour}. Volunteers carried cans up for the old people.",
        ],
      },
      {
        afterMinutes: 160,
        source: "report",
        priority: "medium",
        category: "civic_issue",
        title: "{ward} line flushed, samples taken",
        texts: [
          "Engineers flushed the line at {place}. Results are due tomorrow. Mood at the tap: tired but no longer angry.",
        ],
      },
    ],
  },
  {
    name: "dark street",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "civic_issue",
        title: "Street lights out around {place}",
        texts: ["{9-22} poles dark for the second night. Shopkeepers close an hour early."],
      },
      {
        afterMinutes: 60,
        source: "post",
        priority: "medium",
        category: "safety",
        emotion: "Concern",
        title: "Walking home in the dark",
        texts: [
          "My sister walks past {place} after her shift with a phone torch. It should not take an election to fix a bulb.",
        ],
      },
      {
        afterMinutes: 80,
        source: "alert",
        priority: "high",
        category: "safety",
        title: "Chain snatching on unlit stretch",
        texts: [
          "Chain snatching reported near {place}, on the stretch without lights. Police have taken a statement; women's group plans a torch walk at {hour}.",
        ],
      },
      {
        afterMinutes: 45,
        source: "brief",
        priority: "medium",
        category: "opportunity",
        title: "Join the torch walk, do not lead it",
        texts: [
          "The walk in {ward} belongs to residents. Send two local faces without banners; ask for the repair order in writing.",
        ],
      },
      {
        afterMinutes: 150,
        source: "post",
        priority: "medium",
        category: "safety",
        emotion: "Pride",
        title: "Torch walk",
        texts: [
          "{140-320} of us with torches at {place}. Nobody made a speech. Best evening this ward has had in months.",
        ],
      },
    ],
  },
  {
    name: "garbage strike",
    beats: [
      {
        afterMinutes: 0,
        source: "alert",
        priority: "high",
        category: "civic_issue",
        title: "Collection stopped",
        texts: [
          "Sanitation contractor's crews have stopped collection in {ward} over {2-3} months of unpaid wages. Depot gate at {place} is blocked.",
        ],
      },
      {
        afterMinutes: 90,
        source: "post",
        priority: "medium",
        category: "sanitation",
        emotion: "Anger",
        title: "Heaps by noon",
        texts: [
          "Heaps outside {place} by noon and dogs in all of it. Pay the workers!",
          "The people who clean {ward} have not been paid since Diwali. The smell is the least of our shame.",
        ],
      },
      {
        afterMinutes: 70,
        source: "report",
        priority: "high",
        category: "rival_move",
        title: "{rival} sends its own trucks",
        texts: [
          "{3-6} hired trucks with {rival} flags are clearing the main road at {place}. Lanes behind it are untouched; residents have noticed.",
        ],
      },
      {
        afterMinutes: 60,
        source: "brief",
        priority: "high",
        category: "response",
        title: "Stand with the crews",
        texts: [
          "Payroll is the story, trucks are the picture. {lead} should meet the crews at {place} before {hour} and publish the unpaid invoices.",
        ],
      },
      {
        afterMinutes: 200,
        source: "report",
        priority: "medium",
        category: "civic_issue",
        title: "Wages released, crews back",
        texts: [
          "First wages paid at the depot. Collection in {ward} resumes tonight; backlog will take two days.",
        ],
      },
    ],
  },
  {
    name: "school roof",
    beats: [
      {
        afterMinutes: 0,
        source: "post",
        priority: "medium",
        category: "education",
        emotion: "Concern",
        title: "Plaster on the benches",
        texts: [
          "Plaster fell on the benches of Class 4 at the school behind {place}. On a Sunday, thank God.",
        ],
      },
      {
        afterMinutes: 65,
        source: "report",
        priority: "high",
        category: "education",
        title: "Classes moved to the corridor",
        texts: [
          "{110-190} pupils sit in the corridor. Repair was sanctioned last year; the file is at the zonal office. Parents meet at {hour}.",
        ],
      },
      {
        afterMinutes: 90,
        source: "report",
        priority: "medium",
        category: "rival_move",
        title: "{rivalLead} photographed in the classroom",
        texts: [
          "{rivalLead} visited without the head teacher's leave. Parents in {ward} dislike the pictures more than the roof.",
        ],
      },
      {
        afterMinutes: 45,
        source: "brief",
        priority: "medium",
        category: "response",
        title: "Publish the file number",
        texts: [
          "Put the sanctioned repair file on one page with dates. Let the parents' committee hand it to the press, not us.",
        ],
      },
    ],
  },
  {
    name: "bus route",
    beats: [
      {
        afterMinutes: 0,
        source: "report",
        priority: "medium",
        category: "transport",
        title: "Route cut without notice",
        texts: [
          "Bus {11-58} no longer stops at {place}. Garment workers walk {2-3} km before the first shift.",
        ],
      },
      {
        afterMinutes: 70,
        source: "post",
        priority: "medium",
        category: "transport",
        emotion: "Frustration",
        title: "Where is our bus?",
        texts: [
          "The stop at {place} has a new roof and no bus. Very comfortable place to be late.",
        ],
      },
      {
        afterMinutes: 100,
        source: "brief",
        priority: "medium",
        category: "opportunity",
        title: "Shared autos as a bridge",
        texts: [
          "The auto union can run {place} to the depot at the bus fare for a week. Cheap, visible, and it is what people asked for.",
        ],
      },
      {
        afterMinutes: 120,
        source: "report",
        priority: "medium",
        category: "transport",
        title: "Stop restored on trial",
        texts: [
          "Transport office restores the {ward} stop on trial. Drivers were told only this morning, expect gaps.",
        ],
      },
    ],
  },
];
