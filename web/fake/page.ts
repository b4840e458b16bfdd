// The components of the public page and how it looks, in the fake.
import type { Component, Look } from "../src/api/statuspage";

const at = "2026-03-02T10:00:00Z";

export function componentsOf(calm: boolean): Component[] {
  if (calm) return [];
  const one = (id: string, name: string, more: Partial<Component> = {}): Component => ({ id, name, showcase: true, version: 1, updated_at: at, ...more });
  return [
    one("sign-in", "Sign-in", { description: "Log-in page, single sign-on and sessions", position: 1 }),
    one("data", "Data", { position: 2 }),
    one("ingestion", "Data pipelines", { group: "data", position: 1 }),
    one("exports", "Reports and exports", { group: "data", position: 2, showcase: false, only_show_if_degraded: true }),
    one("lab", "Laboratory", { hidden: true }),
  ];
}

export function lookOf(calm: boolean): Look {
  return calm ? {} : { name: "TechFlow", accent: "#1f51c0", accent_dark: "#93b5ff", band: "#12324a", band_text: "#ffffff", support: "https://support.techflow.example", footer: "TechFlow Inc.", languages: ["en", "de"], language: "en" };
}
