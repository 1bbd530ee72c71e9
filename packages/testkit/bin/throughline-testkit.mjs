#!/usr/bin/env node
// The command. It stands here and not in what is compiled, so that `npm ci` finds something to link in a
// clone that has not been compiled yet.
import "../dist/cli/main.js";
