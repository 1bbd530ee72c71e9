import { useEffect, useState } from "react";
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
  /** The cursor from which the feed begins, so that the page opens with a history. */
  readonly replayFrom: string;
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
  const replayFrom = textAt(json, "replayFrom");
  const wards = json["wards"];
  if (!city || !party || !replayFrom || !Array.isArray(wards)) return undefined;
  return { city, party, replayFrom, wards: wards.flatMap(readWard) };
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
