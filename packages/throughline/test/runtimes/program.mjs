// What runs in each runtime: a program that has nothing but a source. It says on standard output what
// it sees, a line of JSON each, and ends when nothing keeps it running.
//
// node program.mjs <folder of the built package> <URL of a stream> <kind>

import { argv } from "node:process";

const [dist, url, kind] = argv.slice(2);
const { EventSource, subscribe } = await import(`${dist}/client/index.js`);
const { unreferenced } = await import(`${dist}/node/index.js`);

const say = (line) => console.log(JSON.stringify(line));

const kinds = {
  source: () => open({}),
  subscription: async () => {
    const subscription = subscribe(url, { lastEventId: "earliest" });
    watch(subscription.connection);
    for await (const { data } of subscription) {
      say({ data });
      if (data === "last") break;
    }
  },
  unreferenced: () => {
    open(unreferenced());
    // The program's own work, which is done after this.
    setTimeout(() => say({ state: "done" }), 1500);
  },
};

function open(options) {
  const source = new EventSource(url, { ...options, lastEventId: "earliest" });
  watch(source.connection);
  source.onmessage = ({ data }) => {
    say({ data });
    if (data === "last") source.close();
  };
}

function watch(connection) {
  connection.subscribe(({ state, reason }) => say({ state, reason }));
}

await kinds[kind]();
