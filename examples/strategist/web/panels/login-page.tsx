import type { Account } from "../data/use-campaign.js";
import type { SessionHandle } from "../data/use-session.js";
import { LoginForm } from "./login-form.js";

/** The page before anybody is logged in. */
export function LoginPage(props: { readonly account: Account; readonly session: SessionHandle }) {
  const { account, session } = props;
  const { state } = session;
  return (
    <main className="opening">
      <h1>Ward Room</h1>
      {state.kind === "out" ? (
        <LoginForm account={account} problem={state.problem} onLogIn={session.logIn} />
      ) : (
        <p>{state.kind === "asking" && (state.problem ?? "Asking the back end who reads.")}</p>
      )}
    </main>
  );
}
