// Serves the built page from memory.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
};

/** Nothing from elsewhere is loaded, and nobody may frame the page. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; worker-src 'self' blob:; object-src 'none'; " +
    "base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

interface StoredFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers `GET` and `HEAD` for the files under one folder; `/` stands for `/index.html`. */
export type StaticFiles = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Reads all files of a folder. They are few and small, and a path that is not among them cannot
 * reach anything else on the disk.
 *
 * Files under `assets/` carry a hash in their names and are cached for ever; others are asked for
 * again and answered 304 while they are the same.
 *
 * @throws Error where the folder has no `index.html`: the page has not been built
 */
export function loadStaticFiles(folder: string): StaticFiles {
  const files = new Map(readFiles(folder));
  const index = files.get("/index.html");
  if (index === undefined) {
    throw new Error(`There is no index.html in ${folder}. Build the page first: npm run build`);
  }
  files.set("/", index);

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const file = files.get((request.url ?? "/").split("?")[0] ?? "/");
    if (file === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
      response.end("There is nothing here.\n");
    } else if (request.headers["if-none-match"] === file.headers["etag"]) {
      response.writeHead(304, file.headers).end();
    } else {
      response.writeHead(200, { ...file.headers, "content-length": file.body.length });
      response.end(request.method === "HEAD" ? undefined : file.body);
    }
  };
}

function readFiles(folder: string): [string, StoredFile][] {
  return readFilePaths(folder).map((path) => {
    const body = readFileSync(join(folder, path));
    const urlPath = `/${path.split(sep).join("/")}`;
    const hash = createHash("sha256").update(body).digest("base64url").slice(0, 22);
    const headers = {
      "content-type": TYPES[extname(path)] ?? "application/octet-stream",
      "cache-control": urlPath.startsWith("/assets/")
        ? "public, max-age=31536000, immutable"
        : "no-cache",
      etag: `"${hash}"`,
      ...SECURITY_HEADERS,
    };
    return [urlPath, { body, headers }];
  });
}

/** A folder that does not exist has no files; the missing index is reported by the caller. */
function readFilePaths(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length)
          .replace(/^[\\/]/, ""),
      );
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
