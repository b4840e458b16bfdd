import { expect, test } from "vitest";
import { wished } from "./notices";

test("the wish changes nothing else of the person", () => {
  const doc = { id: "ana", name: "Ana", contacts: [{ channel: "sms", address: "+15550100001" }], version: 7, updated_at: "2026-03-02T09:00:00Z" };
  const off = wished(doc, false);
  expect(off).toEqual({ id: "ana", name: "Ana", contacts: doc.contacts, no_handover_notices: true });
  expect(wished({ ...off, version: 8 }, true)).toEqual({ id: "ana", name: "Ana", contacts: doc.contacts });
});
