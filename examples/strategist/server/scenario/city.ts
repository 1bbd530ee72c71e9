// The place of the story: an invented city, with invented wards, parties and people.

/** One electoral ward. */
export interface Ward {
  /** The identifier in URLs and topics, `[a-z-]`. */
  readonly slug: string;
  readonly name: string;
  /** The ward's number on the municipal map. */
  readonly number: number;
  /** Places inside the ward, written to follow a preposition ("near …", "at …"). */
  readonly places: readonly string[];
  /** How people here feel about the campaign before anything happens: -1 (hostile) to 1 (warm). */
  readonly lean: number;
  /** How much is heard from here, relative to the others. */
  readonly weight: number;
}

/** A party or list that stands for election. */
export interface Party {
  readonly code: string;
  readonly name: string;
  readonly leader: string;
}

/** The city's name, as the page shows it. */
export const cityName = "Kalindipur";

/** The campaign the dashboard works for. */
export const ownParty: Party = {
  code: "KCF",
  name: "Kalindi Civic Front",
  leader: "Ira Vellodi",
};

/** The lists it runs against. */
export const rivals: readonly Party[] = [
  { code: "PJD", name: "Prayas Jan Dal", leader: "Tarun Kashikar" },
  { code: "UWC", name: "United Ward Council", leader: "Sulekha Banwal" },
  { code: "NLM", name: "Nava Lok Manch", leader: "Feroz Daryakhan" },
];

/** Field coordinators, who sign the reports. */
export const coordinators: readonly string[] = [
  "Manoj Thakre-Iyer",
  "Devika Ponmani",
  "Joseph Anthrapur",
  "Nusrat Kanjirath",
  "Lalita Ogalwe",
  "Harbir Solanke",
];

/** The twelve wards the campaign watches, by ward number. */
export const wards: readonly Ward[] = [
  {
    slug: "lotus-tank",
    name: "Lotus Tank",
    number: 1,
    places: ["the tank bund", "Padma School Lane", "the flower market", "the old pump room"],
    lean: 0.3,
    weight: 1,
  },
  {
    slug: "old-fort",
    name: "Old Fort",
    number: 4,
    places: ["Clock Gate", "Moat Road", "Bell Bazaar", "the fort parking ground"],
    lean: 0.05,
    weight: 1.3,
  },
  {
    slug: "mill-quarter",
    name: "Mill Quarter",
    number: 7,
    places: ["Spinners' Row", "the old chimney", "Mill Gate 3", "the workers' canteen"],
    lean: 0.25,
    weight: 1.2,
  },
  {
    slug: "station-east",
    name: "Station East",
    number: 9,
    places: ["the foot overbridge", "Platform Road", "the auto stand", "Parcel Office Lane"],
    lean: -0.1,
    weight: 1.3,
  },
  {
    slug: "canal-bank",
    name: "Canal Bank",
    number: 12,
    places: ["the sluice gate", "Pump House Road", "Boatmen's Steps", "the canal colony"],
    lean: -0.3,
    weight: 1.2,
  },
  {
    slug: "gulmohar-colony",
    name: "Gulmohar Colony",
    number: 15,
    places: ["B Block park", "the water tower", "the community hall", "Fourth Cross"],
    lean: 0.15,
    weight: 0.8,
  },
  {
    slug: "potters-lane",
    name: "Potters' Lane",
    number: 18,
    places: ["Kiln Street", "the clay yard", "Temple Corner", "the weavers' shed"],
    lean: 0.2,
    weight: 0.9,
  },
  {
    slug: "university-hill",
    name: "University Hill",
    number: 21,
    places: ["the library gate", "Hostel Road", "the science block", "Coffee Corner"],
    lean: 0,
    weight: 1.1,
  },
  {
    slug: "timber-market",
    name: "Timber Market",
    number: 24,
    places: ["the weighbridge", "Sawmill Lane", "Godown Row", "the lorry park"],
    lean: -0.2,
    weight: 0.9,
  },
  {
    slug: "neem-square",
    name: "Neem Square",
    number: 27,
    places: ["the bus depot", "the ration shop", "Dispensary Road", "the vegetable market"],
    lean: 0.1,
    weight: 1.2,
  },
  {
    slug: "riverside-south",
    name: "Riverside South",
    number: 30,
    places: ["the ghat steps", "Ferry Road", "the new embankment", "the fish market"],
    lean: -0.05,
    weight: 1,
  },
  {
    slug: "ring-road-north",
    name: "Ring Road North",
    number: 33,
    places: ["the toll bend", "Tech Park Gate 2", "the service lane", "Lakeview Flats"],
    lean: -0.15,
    weight: 0.9,
  },
];

/** The ward with that name or slug, in any letter case; `undefined` when there is none. */
export function findWard(text: string): Ward | undefined {
  const wanted = text.trim().toLowerCase();
  return wards.find((ward) => ward.slug === wanted || ward.name.toLowerCase() === wanted);
}
