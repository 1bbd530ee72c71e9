import { proxies } from "./configurations.js";
import { describeProxy } from "./proxy-suite.js";

const { haproxy } = proxies;

describeProxy("haproxy as documented", haproxy, haproxy.documented);
describeProxy("haproxy with the least configuration", haproxy, haproxy.least);
