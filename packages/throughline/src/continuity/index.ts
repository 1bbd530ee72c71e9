// Cursors that outlive the object that read up to them.

export type { CursorStorage, RememberOptions } from "./remember-cursors.js";
export { rememberCursors } from "./remember-cursors.js";
