import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

const cookieName = "lokdarpan_session";
const secret = "the secret of a test server";

/**
 * The sessions of the application: a signed cookie for the browser session, which no server stores
 * and no request renews.
 */
export class Sessions {
  #areExpired = false;

  /** Starts a session and returns the `Set-Cookie` line for it. */
  start(): string {
    this.#areExpired = false;
    // The same each time: all frames of a browser share one jar of cookies, and a session that another
    // frame begins must not make a reader somebody else to the gateway.
    const content = "strategist";
    const value = `${content}.${sign(content)}`;
    return `${cookieName}=${value}; Domain=localhost; Path=/; HttpOnly; SameSite=Lax`;
  }

  /** Makes all cookies worthless until the next login here, as an hour does (defect D14). */
  expireAll(): void {
    this.#areExpired = true;
  }

  isAuthenticated(request: IncomingMessage): boolean {
    if (this.#areExpired) return false;
    const cookies = (request.headers.cookie ?? "").split("; ");
    const own = cookies.find((cookie) => cookie.startsWith(`${cookieName}=`));
    const [content = "", signature] = own?.slice(cookieName.length + 1).split(".") ?? [];
    return signature === sign(content);
  }
}

function sign(content: string): string {
  return createHmac("sha256", secret).update(content).digest("hex");
}
