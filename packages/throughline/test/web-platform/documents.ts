import { type Implementation, implementations } from "./implementations.js";

/** A page or a script, as text, with the media type that it is served as. */
export interface Document {
  readonly mime: string;
  readonly text: string;
}

/**
 * The pages and scripts of the test server, by path: once for each implementation, in a folder of its
 * name, so that frames and workers find the bundle of their own implementation.
 *
 * @param bundles The script of each implementation; it defines `webPlatform` (see `realm.ts`).
 */
export function createDocuments(
  bundles: Readonly<Record<Implementation, string>>,
): ReadonlyMap<string, Document> {
  const documents = new Map<string, Document>();
  for (const implementation of implementations) {
    const folder = `/${implementation}`;
    const page = (script: string): Document => ({
      mime: "text/html; charset=utf-8",
      text: `<!doctype html>
<meta charset="utf-8">
<title>EventSource</title>
<script src="${folder}/suite.js"></script>
<script>${script}</script>
`,
    });
    const script = { mime: "text/javascript; charset=utf-8", text: bundles[implementation] };
    documents.set(`${folder}/suite.js`, script);
    documents.set(`${folder}/page/window.html`, page(""));
    documents.set(`${folder}/page/inner/frame.html`, page(""));
    documents.set(`${folder}/page/cached.html`, page("webPlatform.holdOneSourceOpen();"));
    documents.set(`${folder}/page/elsewhere.html`, page("webPlatform.goBackAfterAWhile();"));
  }
  return documents;
}
