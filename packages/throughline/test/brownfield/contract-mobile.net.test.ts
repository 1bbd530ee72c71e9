import { createNodeStages, type NodeStages } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { mobileErrorScenario } from "./scenarios/endpoints.js";
import { breakScenarios, healingScenarios } from "./scenarios/faults.js";
import { lifecycleScenarios } from "./scenarios/lifecycle.js";

const kinds = ["mobile"] as const;

// Set before any story begins.
let stages: NodeStages;

describePlay({
  groups: {
    "C2 over the drop-in in Node, with as much of a page as C2 asks for": onStage(
      () => stages.open,
      [
        ...healingScenarios(kinds),
        ...breakScenarios(kinds),
        ...lifecycleScenarios(kinds),
        mobileErrorScenario,
      ],
    ),
  },
  before: () => {
    addPageGlobals();
    stages = createNodeStages();
  },
  after: () => stages.close(),
});

/** Puts a visible page without battery and connection information around the classes. */
function addPageGlobals(): void {
  const globals = {
    window: new EventTarget(),
    document: Object.assign(new EventTarget(), { hidden: false, visibilityState: "visible" }),
    navigator: { userAgent: "a desktop", onLine: true },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
