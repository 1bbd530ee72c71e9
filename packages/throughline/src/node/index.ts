export { unreferenced } from "./unreferenced.js";
