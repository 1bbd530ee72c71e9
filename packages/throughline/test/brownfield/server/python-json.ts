// The application writes its JSON with Python's json.dumps and default arguments: ", " and ": "
// between members, everything outside printable ASCII escaped, whole floats with a ".0".

/** A number that Python holds as a float, so that 1 is written as `1.0`. */
export interface PythonFloat {
  readonly float: number;
}

/** What can be written as JSON; member order is the order of insertion, as in Python. */
export type PythonValue =
  | null
  | boolean
  | number
  | string
  | PythonFloat
  | readonly PythonValue[]
  | { readonly [name: string]: PythonValue };

/** Marks a number as a Python float. */
export function pythonFloat(value: number): PythonFloat {
  return { float: value };
}

/** Writes a value byte for byte as `json.dumps(value)` does. */
export function pythonJson(value: PythonValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeText(value);
  if (isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (isFloat(value)) return floatText(value.float);
  const members = Object.entries(value).map(
    ([name, member]) => `${escapeText(name)}: ${pythonJson(member)}`,
  );
  return `{${members.join(", ")}}`;
}

/** Epoch seconds with fraction, as `time.time()` gives them. */
export function epochSeconds(nowMs: number): PythonFloat {
  return pythonFloat(nowMs / 1000);
}

/** A UTC time as `datetime.now(timezone.utc).isoformat()` writes it. */
export function isoUtc(nowMs: number): string {
  return `${isoNaive(nowMs)}+00:00`;
}

/** A time without zone, as `datetime.isoformat()` writes a naive one; the server's zone is UTC. */
export function isoNaive(nowMs: number): string {
  return new Date(nowMs).toISOString().replace("Z", "000");
}

function escapeText(text: string): string {
  // Stepping by UTF-16 unit is what gives Python's surrogate pairs.
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function isArray(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

function isFloat(value: object): value is PythonFloat {
  return "float" in value && typeof value.float === "number";
}
