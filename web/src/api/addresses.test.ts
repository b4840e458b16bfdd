// What the console asks is in the document of the API: an address that was moved on
// one side only is found here and not by whoever presses the button.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const here = import.meta.dirname;
const document = JSON.parse(readFileSync(join(here, "../../../internal/edge/api/openapi.json"), "utf8")) as { paths: Record<string, Record<string, unknown>> };
const offered = Object.entries(document.paths).flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replace("/api/v1", "")}`));

const pattern = /\b(?:(get|post)(?:<[^()]*?>)?\(|(?:call|file)(?:<[^()]*?>)?\(\s*"([A-Z]+)",\s*)(?:"(\/[^"]*)"|`(\/[^`]*)`)/g;

/** Each address asked, with what is filled in standing for one part. */
function asked(text: string): string[] {
  return [...text.matchAll(pattern)].map((m) => `${m[1]?.toUpperCase() ?? m[2]} ${(m[3] ?? m[4] ?? "").replace(/\$\{[^}]*\}/g, "{}")}`);
}

const fits = (address: string) => {
  const rule = new RegExp(`^${address.split("{}").map((s) => s.replace(/[.*+?^$()|[\]\\]/g, "\\$&")).join("[^ ]*")}$`);
  return offered.some((o) => rule.test(o.replace(/\{[^}]*\}/g, "x")));
};

test("every address the console asks is offered", () => {
  const files = readdirSync(join(here, ".."), { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f) && !/\.test\.|schema\.d/.test(f));
  const all = files.flatMap((f) => asked(readFileSync(join(here, "..", f), "utf8")));
  expect(all.length).toBeGreaterThan(120);
  expect([...new Set(all.filter((a) => !fits(a)))]).toEqual([]);
});

test("an address that is not offered is found", () => {
  expect(asked('call<void>("DELETE", `/nowhere/${at(id)}`); get<X>("/incidents", q)')).toEqual(["DELETE /nowhere/{}", "GET /incidents"]);
  expect(fits("GET /subscribers.csv")).toBe(false);
  expect(fits("GET /incidents/{}")).toBe(true);
});
