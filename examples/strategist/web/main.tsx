import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/header.css";
import "./styles/feed.css";
import "./styles/wards.css";
import "./styles/analysis.css";
import "./styles/faults.css";
import "./styles/comparison.css";
import "./styles/connection.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root.");
// With "?devtools" in the address: loaded before the application, so that no stream is opened unseen.
const Devtools = new URLSearchParams(location.search).has("devtools")
  ? (await import("throughline/devtools")).ThroughlineDevtools
  : () => null;
createRoot(root).render(
  <StrictMode>
    <App />
    <Devtools />
  </StrictMode>,
);
