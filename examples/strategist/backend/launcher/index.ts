export { findFlaskPython } from "./python-process.js";
export { type Backend, type BackendOptions, startBackend } from "./start-backend.js";
