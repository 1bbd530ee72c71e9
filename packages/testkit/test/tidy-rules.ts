// The rules that hold for every file of the repository, as functions from its files to complaints.
// What the compiler or the linter can say is not repeated here.

import { dirname, join } from "node:path/posix";

/** Everything the rules look at. */
export interface Repository {
  /** The text of every file that belongs to the repository, by its path from the top folder. */
  readonly files: ReadonlyMap<string, string>;
  /** The scripts of the top package.json: name → command. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** One rule; `find` returns what is wrong as `path:line: complaint`, or `path: complaint`. */
type Rule = (repository: Repository) => readonly string[];

/** What the parts of the published packages may import: paths from the top folder, or names. */
const mayImport: readonly (readonly [area: string, allowed: RegExp])[] = [
  ["packages/throughline/src/core/", /^packages\/throughline\/src\/core\//],
  ["packages/throughline/src/client/", /^packages\/throughline\/src\/(core|client)\//],
  ["packages/throughline/src/node/", /^(packages\/throughline\/src\/(client|node)\/|node:)/],
  ["packages/throughline/src/continuity/", /^packages\/throughline\/src\/(client|continuity)\//],
  ["packages/throughline/src/publish/", /^packages\/throughline\/src\/(core|publish)\//],
  ["packages/throughline/src/roll-out/", /^packages\/throughline\/src\/(client|roll-out)\//],
  ["packages/throughline/src/tabs/", /^packages\/throughline\/src\/(core|client|tabs)\//],
  [
    "packages/throughline/src/react/",
    /^(packages\/throughline\/src\/(core|client|react)\/|react$|react\/jsx-runtime$|@tanstack\/react-query$)/,
  ],
  [
    "packages/throughline/src/devtools/",
    /^(packages\/throughline\/src\/(core|client|devtools)\/|react$|react\/jsx-runtime$)/,
  ],
  ["packages/server/src/log/", /^(packages\/server\/src\/log\/|throughline\/core$|lmdb$|node:)/],
  ["packages/server/src/hub/", /^(packages\/server\/src\/(log|hub)\/|throughline\/core$|node:)/],
  [
    "packages/server/src/auth/",
    /^(packages\/server\/src\/(hub|auth)\/|throughline\/core$|jose$|node:)/,
  ],
  [
    "packages/server/src/operations/",
    /^(packages\/server\/src\/(log|hub|operations)\/|throughline\/core$|pino$|prom-client$|node:)/,
  ],
  [
    "packages/server/src/gateway/",
    /^(packages\/server\/src\/(log|hub|gateway)\/|throughline(\/core)?$|httpxy$|node:)/,
  ],
  ["packages/server/src/doctor/", /^(packages\/server\/src\/doctor\/|throughline\/core$|node:)/],
  [
    "packages/server/src/cli/",
    /^(packages\/server\/src\/(log|hub|auth|operations|gateway|doctor|cli)\/|throughline(\/(core|publish))?$|valibot$|yaml$|node:)/,
  ],
  ["packages/server/src/", /^packages\/server\/src\//],
  ["packages/browsers/src/", /^(packages\/browsers\/src\/|playwright-core$|vite$|ws$|node:)/],
  [
    "packages/reliability/src/",
    /^(packages\/reliability\/src\/|throughline(\/core)?$|@throughline\/(server|testkit|browsers)(\/gateway)?$|@throughline\/example-strategist\/backend$|@microsoft\/fetch-event-source$|eventsource$|reconnecting-eventsource$|ws$|node:)/,
  ],
  [
    "packages/testkit/src/",
    /^(packages\/testkit\/src\/|throughline(\/(core|publish))?$|@throughline\/server(\/(log|hub))?$|node:)/,
  ],
];

const code = /\.(ts|tsx|mjs|js)$/;

/** All rules, by the sentence that each of them is. */
export const rules = {
  "no file is longer than 500 lines": eachFile(
    // What programs write is read by nobody line by line.
    /^(?!package-lock\.json$|docs\/reliability\.json$|docs\/reliability\/.*\.svg$)/,
    (_path, text) => {
      const lines = text.split("\n").length - 1;
      return lines > 500 ? [`${lines} lines; two concerns in one room?`] : [];
    },
  ),

  "files and folders are named in kebab-case": eachFile(/^/, (path) =>
    path
      .split("/")
      .filter((part) => !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$|^[A-Z]+([-_][A-Z]+)*(\.md)?$/.test(part))
      .map((part) => `${part} is not kebab-case`),
  ),

  "nothing is exported by default, except configuration": eachLine(
    /^(?!.*\.config\.ts$).*\.(ts|tsx|mjs|js)$/,
    /^\s*export default\b|^\s*export \{[^}]*\bas default\b/,
    "default export",
  ),

  "exports are listed by name": eachLine(code, /^\s*export \*/, "exports all of a module"),

  "nothing is marked as unfinished": eachLine(
    /^/,
    /\b(TO(?:DO)|FIX(?:ME)|X(?:XX)|HA(?:CK))\b/,
    "unfinished",
  ),

  "no test is left out": eachLine(
    code,
    /\b(it|test|describe|suite)\.(skip|only|todo|fails)\b|\.skip\(\s*\)/,
    "leaves tests out, or only some in",
  ),

  "a test that depends on its surroundings says why": eachFile(code, (_path, text) => {
    const lines = text.split("\n");
    return lines.flatMap((line, index) =>
      /\b(it|test|describe|suite)\.(skipIf|runIf)\(/.test(line) &&
      !/^\s*(\/\/|\*\/)/.test(lines[index - 1] ?? "")
        ? [`${index + 1}: no comment above says why`]
        : [],
    );
  }),

  "no path of somebody's machine": eachLine(
    /^/,
    /(?<![\w.:*~/-])\/(work|root|tmp|home|farm|Users)\/[\w.]/,
    "path of a machine",
  ),

  "no address of a package registry": eachLine(
    /^/,
    /\b(registry\.npmjs|registry\.yarnpkg|pypi\.org|deb\.debian|crates\.io|proxy\.golang|repo1\.maven)/,
    "address of a registry",
  ),

  "the lock file installs on every platform, from any registry": eachFile(
    /^package-lock\.json$/,
    (_path, text) => findLockProblems(text),
  ),

  "a decision is one page": eachFile(/^docs\/decisions\//, (path, text) => [
    ...(/\/\d{4}-[a-z0-9-]+\.md$/.test(path) ? [] : ["is not named NNNN-title.md"]),
    ...(text.split("\n").length - 1 > 60 ? ["longer than 60 lines"] : []),
  ]),

  "a command in a document exists": eachFile(/\.md$/, (_path, text, { scripts }) =>
    [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)]
      .map(([, script, short]) => script ?? short ?? "")
      .filter((name) => scripts[name] === undefined)
      .map((name) => `package.json has no script "${name}"`),
  ),

  "a script of package.json runs a file that exists": ({ files, scripts }) =>
    Object.entries(scripts).flatMap(([name, command]) => {
      const path = /^node (\S+)/.exec(command)?.[1];
      return path === undefined || files.has(path) ? [] : [`package.json: ${name} runs ${path}`];
    }),

  "a link in a document leads to a file": eachFile(/\.md$/, (path, text, { files }) =>
    [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)]
      .map(([, target]) => target ?? "")
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !exists(files, join(dirname(path), target)))
      .map((target) => `leads nowhere: ${target}`),
  ),

  "each part of a package imports only what lies below it": eachFile(
    /^packages\/[^/]+\/src\/.*\.tsx?$/,
    (path, text) => {
      const allowed = mayImport.find(([area]) => path.startsWith(area))?.[1];
      if (allowed === undefined) return ["lies in no part of the package that is known"];
      return importsOf(path, text)
        .filter((module) => !allowed.test(module))
        .map((module) => `imports ${module}`);
    },
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** A rule about each file whose path matches. */
function eachFile(
  paths: RegExp,
  find: (path: string, text: string, repository: Repository) => readonly string[],
): Rule {
  return (repository) =>
    [...repository.files]
      .filter(([path]) => paths.test(path))
      .flatMap(([path, text]) => find(path, text, repository).map((said) => `${path}: ${said}`));
}

/** A rule about each line of the files whose path matches: no line may match `pattern`. */
function eachLine(paths: RegExp, pattern: RegExp, complaint: string): Rule {
  return eachFile(paths, (_path, text) =>
    text
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${index + 1}: ${complaint}`] : [])),
  );
}

/** What a module imports: names as they are, relative paths as paths from the top folder. */
function importsOf(path: string, text: string): readonly string[] {
  const statements =
    /^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(statements)]
    .map(([, statement, call]) => statement ?? call ?? "")
    .map((module) => (module.startsWith(".") ? join(dirname(path), module) : module));
}

/** Whether a path names a file of the repository, or a folder that has one. */
function exists(files: ReadonlyMap<string, string>, path: string): boolean {
  const folder = path.endsWith("/") ? path : `${path}/`;
  return (
    path === "." || files.has(path) || [...files.keys()].some((file) => file.startsWith(folder))
  );
}

interface LockEntry {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Addresses in the lock file tie it to one registry. A package for another platform that it does not
 * list (because it was not published yet when the file was written) makes `npm ci` refuse the file.
 */
function findLockProblems(text: string): readonly string[] {
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockEntry>> };
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...(/^https?:/.test(entry.resolved ?? "") ? [`${path} is tied to an address`] : []),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      )
      .map((name) => `${path} asks for ${name}, which is not listed`),
  ]);
}
