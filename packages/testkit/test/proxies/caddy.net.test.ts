import { proxies } from "./configurations.js";
import { describeProxy } from "./proxy-suite.js";

const { caddy } = proxies;

describeProxy("caddy as documented", caddy, caddy.documented);
describeProxy("caddy with the least configuration", caddy, caddy.least);
