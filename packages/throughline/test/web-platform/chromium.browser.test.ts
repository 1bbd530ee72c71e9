import { describeWebPlatform } from "./describe-suite.js";

describeWebPlatform("chromium");
