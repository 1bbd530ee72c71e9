import { useCallback, useEffect, useState } from "react";
import { asRecord, textAt } from "../model/wire.js";
import { getJson, postJson } from "./fetch-json.js";
import type { Account } from "./use-campaign.js";

/** Who reads. */
export type SessionState =
  | { readonly kind: "asking"; readonly problem: string | undefined }
  | { readonly kind: "out"; readonly problem: string | undefined }
  /** `hasLeft`: logged out, with the page still open, to see how its streams end. */
  | { readonly kind: "in"; readonly username: string; readonly hasLeft: boolean };

/** The session with the back end. */
export interface SessionHandle {
  readonly state: SessionState;
  logIn(account: Account): void;
  /** Ends the session and leaves the page as it is. */
  logOut(): void;
  /** Goes to the form. */
  leave(): void;
}

const RETRY_MS = 2000;

/** Knows whether anybody is logged in, and logs in and out. */
export function useSession(): SessionHandle {
  const [state, setState] = useState<SessionState>({ kind: "asking", problem: undefined });

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const answer = await getJson("/api/v1/status");
      if (isOver) return;
      if (answer.kind === "failed") {
        setState({ kind: "asking", problem: answer.message });
        timer = setTimeout(ask, RETRY_MS);
        return;
      }
      const username = textAt(asRecord(answer.json["user"]) ?? {}, "username");
      setState(
        username === undefined
          ? { kind: "out", problem: undefined }
          : { kind: "in", username, hasLeft: false },
      );
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);

  const logIn = useCallback(async (account: Account) => {
    const answer = await postJson("/api/v1/login", account);
    setState(
      answer.kind === "ok"
        ? { kind: "in", username: account.username, hasLeft: false }
        : { kind: "out", problem: answer.message },
    );
  }, []);
  const logOut = useCallback(async () => {
    const answer = await postJson("/api/v1/logout", {});
    if (answer.kind === "failed") return;
    setState((before) => (before.kind === "in" ? { ...before, hasLeft: true } : before));
  }, []);

  return {
    state,
    logIn: (account) => void logIn(account),
    logOut: () => void logOut(),
    leave: () => setState({ kind: "out", problem: undefined }),
  };
}
