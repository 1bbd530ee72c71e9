import { installEventSource } from "throughline";
import { expect } from "vitest";
import { createNodeStages, fetchWithSessions, type Sessions } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { endpointScenarios } from "./scenarios/endpoints.js";
import { breakScenarios, healingScenarios } from "./scenarios/faults.js";
import { subjectKinds } from "./scenarios/kinds.js";
import { lifecycleScenarios } from "./scenarios/lifecycle.js";
import { expiryScenarios, refusalScenarios } from "./scenarios/refusals.js";
import type { OpenStage } from "./stage.js";

const sessions: Sessions = new Map();
// C2 needs a page around it, and has a file of its own.
const kinds = subjectKinds.filter((kind) => kind !== "mobile");
let undo = () => {};
let openStage: OpenStage;

describePlay({
  groups: {
    "the classes over the drop-in in Node": onStage(
      () => openStage,
      [
        ...healingScenarios(kinds),
        ...expiryScenarios(),
        ...breakScenarios(kinds),
        ...lifecycleScenarios(kinds),
        ...endpointScenarios(),
        ...refusalScenarios(),
      ],
    ),
  },
  before: () => {
    expect(globalThis.EventSource).toBeUndefined();
    const uninstall = installEventSource({ fetch: fetchWithSessions(sessions) });
    const { open, watch } = createNodeStages(sessions);
    openStage = open;
    undo = () => {
      watch.end();
      uninstall();
    };
  },
  after: () => {
    undo();
    expect(globalThis.EventSource).toBeUndefined();
  },
});
