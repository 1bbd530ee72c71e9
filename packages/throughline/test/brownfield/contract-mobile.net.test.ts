import { installEventSource } from "throughline";
import { createNodeStages, fetchWithSessions, type Sessions } from "./node-stage.js";
import { describePlay, onStage } from "./play.js";
import { mobileErrorScenario } from "./scenarios/endpoints.js";
import { breakScenarios, healingScenarios } from "./scenarios/faults.js";
import { lifecycleScenarios } from "./scenarios/lifecycle.js";
import type { OpenStage } from "./stage.js";

const sessions: Sessions = new Map();
const kinds = ["mobile"] as const;
let undo = () => {};
let openStage: OpenStage;

describePlay({
  groups: {
    "C2 over the drop-in in Node, with as much of a page as C2 asks for": onStage(
      () => openStage,
      [
        ...healingScenarios(kinds),
        ...breakScenarios(kinds),
        ...lifecycleScenarios(kinds),
        mobileErrorScenario,
      ],
    ),
  },
  before: () => {
    const removePage = addPageGlobals();
    const uninstall = installEventSource({ fetch: fetchWithSessions(sessions) });
    const { open, watch } = createNodeStages(sessions);
    openStage = open;
    undo = () => {
      watch.end();
      uninstall();
      removePage();
    };
  },
  after: () => undo(),
});

/** Puts a visible page without battery and connection information around the test. */
function addPageGlobals(): () => void {
  const globals = {
    window: new EventTarget(),
    document: Object.assign(new EventTarget(), { hidden: false, visibilityState: "visible" }),
    navigator: { userAgent: "a desktop", onLine: true },
  };
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  for (const [name, value] of Object.entries(globals)) define(name, value);
  return () => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  };
}
