import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bare } from "./doc";
import { channels, sent, specs } from "./specs";

// The document is generated from the server's own list.
test("a contact can be written for every channel the server knows", () => {
  const document = JSON.parse(readFileSync(new URL("../../../internal/edge/api/openapi.json", import.meta.url), "utf8")) as {
    components: { schemas: { Contact: { properties: { channel: { enum: string[] } } } } };
  };
  const known = document.components.schemas.Contact.properties.channel.enum;
  expect(channels.map((c) => c.value).sort()).toEqual([...known].sort());
});

// Each kind of the catalogue: a field the server does not know would be refused.
test("the forms have fields the server knows, and send none that it tells itself", () => {
  const { components } = JSON.parse(readFileSync(new URL("../../../internal/edge/api/openapi.json", import.meta.url), "utf8")) as { components: { schemas: Record<string, { properties: Record<string, unknown> }> } };
  for (const [of, schema] of [["vendors", "Vendor"], ["feeds", "Feed"], ["checks", "Check"], ["components", "Component"], ["stakeholders", "Stakeholder"]] as const) {
    const taken = components.schemas[`New${schema}`]!.properties;
    const fields = specs[of].flatMap((s) => s.fields.map((f) => f.at));
    expect(fields.filter((f) => !(f in taken)), of).toEqual([]);
    const read = Object.fromEntries(Object.keys(components.schemas[schema]!.properties).map((k) => [k, 1]));
    expect(Object.keys(bare(sent(of, read))).filter((k) => !(k in taken) && k !== "$schema"), of).toEqual([]);
  }
});
