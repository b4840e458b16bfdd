// Writes src/api/schema.d.ts, the types of the API, from the OpenAPI document
// that the binary publishes and the repository keeps.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));
const document = `${web}../internal/edge/api/openapi.json`;
if (!existsSync(document)) {
  console.log("no internal/edge/api/openapi.json yet: the types stay as they are");
  process.exit(0);
}
execFileSync(`${web}node_modules/.bin/openapi-typescript`, [document, "--output", `${web}src/api/schema.d.ts`], { stdio: "inherit" });
