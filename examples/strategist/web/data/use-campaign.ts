import { useEffect, useState } from "react";
import type { Pace } from "../model/comparison.js";
import { asRecord, type Json, numberAt, textAt } from "../model/wire.js";
import { getJson } from "./fetch-json.js";

/** One ward, as the server names it. */
export interface Ward {
  readonly slug: string;
  readonly name: string;
  readonly number: number;
}

/** What the page has to know before it can open the feed. */
export interface Campaign {
  readonly city: string;
  readonly party: string;
  readonly wards: readonly Ward[];
  /** The feed for Throughline. */
  readonly feed: string;
  /** The cursor from which the feed begins; `undefined`: the server knows where. */
  readonly replayFrom: string | undefined;
  /** The feed of today, for the browser's own `EventSource`. */
  readonly todaysFeed: string;
  /**
   * What a ward's name follows in the address of its analysis; `undefined`: an analysis is started
   * first, and says where it is.
   */
  readonly analysis: string | undefined;
  /** The account to log in with; `undefined`: everybody may read. */
  readonly account: Account | undefined;
  /** Whether what fills the feed can be broken as well. */
  readonly hasSource: boolean;
  readonly pace: Pace;
}

/** An account of the demonstration, with its password, which is no secret. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The campaign, on its way to the page. */
export type CampaignState =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "ready"; readonly campaign: Campaign };

const RETRY_MS = 2000;

/** Asks for the campaign until the server gives it. */
export function useCampaign(): CampaignState {
  const [state, setState] = useState<CampaignState>({ kind: "loading" });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const load = async () => {
      const answer = await getJson("/demo/campaign");
      if (isOver) return;
      const campaign = answer.kind === "ok" ? readCampaign(answer.json) : undefined;
      if (campaign !== undefined) {
        setState({ kind: "ready", campaign });
        return;
      }
      const message = answer.kind === "failed" ? answer.message : "The answer makes no sense.";
      setState({ kind: "failed", message });
      timer = setTimeout(load, RETRY_MS);
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);
  return state;
}

function readCampaign(json: Json): Campaign | undefined {
  const city = textAt(json, "city");
  const party = textAt(asRecord(json["party"]) ?? {}, "name");
  const feed = textAt(json, "feed");
  const todaysFeed = textAt(json, "todaysFeed");
  const pace = readPace(asRecord(json["pace"]) ?? {});
  const wards = json["wards"];
  if (!city || !party || !feed || !todaysFeed || !pace || !Array.isArray(wards)) return undefined;
  return {
    city,
    party,
    wards: wards.flatMap(readWard),
    feed,
    replayFrom: textAt(json, "replayFrom"),
    todaysFeed,
    analysis: textAt(json, "analysis"),
    account: readAccount(asRecord(json["account"]) ?? {}),
    hasSource: json["hasSource"] === true,
    pace,
  };
}

function readPace(json: Json): Pace | undefined {
  const lateAfterMs = numberAt(json, "lateAfterMs");
  const onTheWayMs = numberAt(json, "onTheWayMs");
  return lateAfterMs === undefined || onTheWayMs === undefined
    ? undefined
    : { lateAfterMs, onTheWayMs };
}

function readAccount(json: Json): Account | undefined {
  const username = textAt(json, "username");
  const password = textAt(json, "password");
  return username === undefined || password === undefined ? undefined : { username, password };
}

function readWard(value: unknown): Ward[] {
  const json = asRecord(value) ?? {};
  const slug = textAt(json, "slug");
  const name = textAt(json, "name");
  const number = numberAt(json, "number");
  return slug === undefined || name === undefined || number === undefined
    ? []
    : [{ slug, name, number }];
}
