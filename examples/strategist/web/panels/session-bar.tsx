import type { ConnectionSnapshot } from "throughline/react";
import type { SessionHandle } from "../data/use-session.js";

/** Who is logged in, and what becomes of the streams of somebody who has logged out. */
export function SessionBar(props: {
  readonly session: SessionHandle;
  readonly connection: ConnectionSnapshot;
}) {
  const { session, connection } = props;
  const { state } = session;
  if (state.kind !== "in") return null;
  const isRefused = connection.reason === "unauthorized";
  if (!state.hasLeft && !isRefused) {
    return (
      <p className="session">
        <span>
          Logged in as <b>{state.username}</b>
        </span>
        <button type="button" className="quiet" onClick={session.logOut}>
          Log out
        </button>
      </p>
    );
  }
  return (
    <p className="session session-over" role="status">
      <span>
        {state.hasLeft ? "Logged out. " : "The session is over. "}
        {isRefused
          ? "The streams have ended with 401; nothing new is shown."
          : "The streams end when the gateway asks the back end next, within 5 s."}
      </span>
      <button type="button" className="primary" onClick={session.leave}>
        Log in again
      </button>
    </p>
  );
}
