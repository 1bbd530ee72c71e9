import { goBackAfterAWhile, holdOneSourceOpen } from "./cached-page.js";
import { cases } from "./cases/index.js";
import { runCase } from "./run-case.js";
import type { EventSourceClass, Outcome, Scope } from "./test-case.js";

/** What is to be run, and where. Travels to workers as a message. */
export interface Job {
  readonly name: string;
  readonly scope: Scope;
  /** `<origin>/<implementation>`. */
  readonly folder: string;
  readonly crossOrigin: string;
}

/** What the bundle leaves behind in a window or worker, as the global `webPlatform`. */
export interface WebPlatform {
  /** The class under test, of this realm. */
  readonly Subject: EventSourceClass;
  /** Runs a case here, or, asked in a window, in a worker of that window. */
  readonly run: (job: Job) => Promise<Outcome>;
  readonly holdOneSourceOpen: () => void;
  readonly goBackAfterAWhile: () => void;
}

declare global {
  var webPlatform: WebPlatform;
}

/** Makes the current window or worker ready to run cases on the class. */
export function prepareRealm(Subject: EventSourceClass): void {
  const runHere = async (job: Job): Promise<Outcome> => {
    const testCase = cases.find(({ name }) => name === job.name);
    if (testCase === undefined) {
      return { passed: false, message: `there is no case named "${job.name}"` };
    }
    return await runCase(testCase, Subject, job);
  };
  const run = async (job: Job) =>
    job.scope === "window" ? await runHere(job) : await runInWorker(job);
  globalThis.webPlatform = {
    Subject,
    run,
    holdOneSourceOpen: () => holdOneSourceOpen(Subject),
    goBackAfterAWhile,
  };
  if (!("document" in globalThis)) {
    answerJobs(runHere);
  }
}

/** The worker's side: jobs come with a port for the outcome, in a shared worker over its port. */
function answerJobs(runHere: (job: Job) => Promise<Outcome>): void {
  const answer = (event: Event): void => {
    const { data, ports } = event as MessageEvent<Job>;
    void runHere(data).then((outcome) => ports[0]?.postMessage(outcome));
  };
  globalThis.addEventListener("message", answer);
  globalThis.addEventListener("connect", (event) => {
    const port = (event as MessageEvent).ports[0];
    if (port !== undefined) {
      port.onmessage = answer;
    }
  });
}

/** The window's side: one worker for each job, as the suite has it. */
async function runInWorker(job: Job): Promise<Outcome> {
  const script = `${job.folder}/suite.js`;
  const { port1, port2 } = new MessageChannel();
  const outcome = new Promise<Outcome>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
  });
  switch (job.scope) {
    case "dedicated-worker": {
      const worker = new Worker(script);
      worker.postMessage(job, [port2]);
      void outcome.then(() => worker.terminate());
      break;
    }
    case "shared-worker":
      new SharedWorker(script, { name: job.name }).port.postMessage(job, [port2]);
      break;
    case "service-worker":
      (await activeServiceWorker(script)).postMessage(job, [port2]);
      break;
    case "window":
      throw new Error("a window is no worker");
  }
  return await outcome;
}

async function activeServiceWorker(script: string): Promise<ServiceWorker> {
  // A scope without pages: the worker must not stand between the other cases and the server.
  const scope = `${script}/no-pages/`;
  const registration = await navigator.serviceWorker.register(script, { scope });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker === null) {
    throw new Error("the service worker was registered, but there is none");
  }
  while (worker.state !== "activated") {
    await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
  }
  return worker;
}
