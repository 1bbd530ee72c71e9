import { proxies } from "./configurations.js";
import { describeProxy } from "./proxy-suite.js";

const { nginx } = proxies;

describeProxy("nginx as documented", nginx, nginx.documented);
describeProxy("nginx with the least configuration", nginx, nginx.least);
