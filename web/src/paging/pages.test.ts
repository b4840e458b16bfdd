import { expect, test } from "vitest";
import type { Delivery } from "../api/types";
import { outcome } from "./pages";

const of = (more: Partial<Delivery>) => outcome({ channel: "sms", address: "+1", state: "sent", attempts: 1, at: "", ...more });

test("a provider's later word counts more than that it took the message", () => {
  expect(of({})).toMatchObject({ word: "accepted", colour: "green" });
  expect(of({ confirmation: "delivered" })).toMatchObject({ word: "delivered", colour: "green" });
  expect(of({ confirmation: "failed" })).toMatchObject({ word: "not delivered", colour: "red" });
  expect(of({ state: "queued" })).toMatchObject({ word: "queued", colour: "amber" });
});
