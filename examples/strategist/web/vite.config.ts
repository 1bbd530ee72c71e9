import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built page lies beside the built server, which serves it. In development, `vite` serves the
// page and passes on what belongs to the server, which has to be running.
const server = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "../dist/web", emptyOutDir: true, target: "es2022" },
  server: { proxy: { "/demo": server, "/live": server, "/api": server, "/today": server } },
});
