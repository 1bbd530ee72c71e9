// The vocabulary in which the story is written down; the texts are data, the generator tells them.

/** How urgent an item is, most urgent first in meaning. */
export type Priority = "critical" | "high" | "medium" | "low";

/** The mood of a post, as the application's classifier names it. */
export type Emotion = "Hopeful" | "Pride" | "Joy" | "Neutral" | "Concern" | "Frustration" | "Anger";

/**
 * Where an item comes from, which decides the shape of its message: a control-room `alert`, a field
 * `report` stored in the database, a public `post`, or a `brief` written by the analysis desk.
 */
export type Source = "alert" | "report" | "post" | "brief";

/**
 * One step of an arc. Texts may hold slots in braces: `{ward}`, `{place}`, `{lead}`, `{rival}`,
 * `{rivalLead}`, `{coordinator}`, `{hour}` and numbers such as `{40-90}`. Inside one arc a name
 * slot keeps its value; a number is drawn every time.
 */
export interface Beat {
  /** Campaign minutes after the step before. */
  readonly afterMinutes: number;
  readonly source: Source;
  readonly priority: Priority;
  readonly category: string;
  readonly emotion?: Emotion | undefined;
  readonly title: string;
  /** One of these is told. */
  readonly texts: readonly string[];
}

/** A small story in one ward, told over hours. */
export interface Arc {
  readonly name: string;
  readonly beats: readonly Beat[];
}

/** A story element that stands alone. */
export interface Note {
  readonly priority: Priority;
  readonly category: string;
  readonly title: string;
  readonly texts: readonly string[];
}
