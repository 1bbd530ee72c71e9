import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Holder } from "../../../src/log/embedded/holder.js";
import { DATA_FILE, Store, storeOptions } from "../../../src/log/embedded/store.js";
import { temporaryDirectory } from "./temporary-directory.js";

// Windows has no file for a socket that could be removed.
it.skipIf(process.platform === "win32")(
  "a claim is given up where somebody has taken its socket for that of a process that is gone",
  async () => {
    const directory = temporaryDirectory();
    const path = join(directory, DATA_FILE);
    const options = storeOptions({ path, maxTotalBytes: 2 ** 20 });
    const store = Store.open(options, directory);
    onTestFinished(() => store.close());
    const holder = await Holder.prepare(directory);
    onTestFinished(() => holder.release());
    for (const name of readdirSync(directory)) {
      if (name.endsWith(".sock")) rmSync(join(directory, name));
    }
    await expect(holder.claim(store)).rejects.toMatchObject({ code: "store-locked" });
  },
);
