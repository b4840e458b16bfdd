import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { channels } from "./specs";

// The document is generated from the server's own list.
test("a contact can be written for every channel the server knows", () => {
  const document = JSON.parse(readFileSync(new URL("../../../internal/edge/api/openapi.json", import.meta.url), "utf8")) as {
    components: { schemas: { Contact: { properties: { channel: { enum: string[] } } } } };
  };
  const known = document.components.schemas.Contact.properties.channel.enum;
  expect(channels.map((c) => c.value).sort()).toEqual([...known].sort());
});
