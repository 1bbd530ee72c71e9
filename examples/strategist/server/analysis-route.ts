// Starts an analysis on request of the page.

import type { AnalysisDesk, Depth } from "./analysis.js";
import type { Routes } from "./front-server.js";
import { RequestError, readJsonObject, sendJson } from "./json-http.js";
import { findWard } from "./scenario/city.js";

/** The endpoint that starts an analysis and says where to read it. */
export function analysisRoute(desk: AnalysisDesk): Routes {
  return {
    "POST /api/v1/strategist/analyze": async (request, response) => {
      const { ward: name, depth } = await readJsonObject(request);
      const ward = typeof name === "string" ? findWard(name) : undefined;
      if (ward === undefined) throw new RequestError(400, "ward must be the name of a ward.");
      if (!isDepth(depth)) throw new RequestError(400, "depth must be quick, standard or deep.");
      const started = await desk.start(ward, depth);
      if (started === undefined) {
        throw new RequestError(409, `An analysis of ${ward.name} is running already.`);
      }
      sendJson(response, 202, started);
    },
  };
}

function isDepth(value: unknown): value is Depth {
  return value === "quick" || value === "standard" || value === "deep";
}
