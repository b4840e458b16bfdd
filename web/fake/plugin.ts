// Puts the fake API into vite's development server.
import type { Plugin } from "vite";
import { FakeApi } from "./api.ts";
import { serve } from "./http.ts";

export function fakeApi(): Plugin {
  return {
    name: "fake-api",
    apply: "serve",
    configureServer(server) {
      const api = new FakeApi();
      server.middlewares.use((req, res, next) => {
        serve(api, req, res).then((done) => done || next(), next);
      });
    },
  };
}
