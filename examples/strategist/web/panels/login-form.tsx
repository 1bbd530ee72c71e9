import { useState } from "react";
import type { Account } from "../data/use-campaign.js";

/** The login of the back end, with the account of the demonstration filled in. */
export function LoginForm(props: {
  readonly account: Account;
  readonly problem: string | undefined;
  readonly onLogIn: (account: Account) => void;
}) {
  const { account, problem, onLogIn } = props;
  const [username, setUsername] = useState(account.username);
  const [password, setPassword] = useState(account.password);
  return (
    <form
      className="login"
      onSubmit={(event) => {
        event.preventDefault();
        onLogIn({ username, password });
      }}
    >
      <p>
        The back end asks for a login. This is a demonstration: its account is{" "}
        <code>{account.username}</code> with the password <code>{account.password}</code>.
      </p>
      <label>
        <span>User name</span>
        <input
          value={username}
          autoComplete="username"
          onChange={(event) => setUsername(event.target.value)}
        />
      </label>
      <label>
        <span>Password</span>
        <input
          type="password"
          value={password}
          autoComplete="current-password"
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <button type="submit" className="primary">
        Log in
      </button>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
