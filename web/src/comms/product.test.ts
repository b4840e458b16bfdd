import { expect, test } from "vitest";
import { lastingWord, policyText, productVerdict, scriptTag, tokenText } from "./product";

const key = { id: "ik-1", created_at: "2026-03-02T10:00:00Z", created_by: "ana" };
const setup = { script: "https://status.example.com/in-app/v1/banner.js", notices: "https://status.example.com/in-app/v1/notices", origins: ["https://app.example.com"], lasting_seconds: 7200 };

test("the first line names the next step until users are there", () => {
  expect(productVerdict([], setup, [])).toContain("without a key");
  expect(productVerdict([key], { ...setup, origins: [] }, [])).toContain("no page may read");
  expect(productVerdict([key], setup, [])).toContain("Ready");
  expect(productVerdict([key], setup, [{ customer: "acme", users: 1204 }, { customer: "bolt", users: 0 }])).toBe("1,204 users of 1 customer would see a notice now.");
});

test("what is copied names the key and the server", () => {
  expect(scriptTag(setup)).toContain('src="https://status.example.com/in-app/v1/banner.js"');
  expect(tokenText("ik-1")).toContain('"kid": "ik-1"');
  expect(policyText(setup)).toBe("script-src https://status.example.com;\nconnect-src https://status.example.com");
  expect(policyText({ script: "/in-app/v1/banner.js" })).toContain("status.example.com");
});

test("how long a resolved notice stays is said in whole hours where it is", () => {
  expect([lastingWord(7200), lastingWord(3600), lastingWord(5400)]).toEqual(["2 hours", "1 hour", "90 minutes"]);
});
