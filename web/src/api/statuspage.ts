// The shapes of the public page: its components and how it looks.
import type { components } from "./schema";

export type Component = components["schemas"]["Component"];
export type Look = components["schemas"]["Look"];
export type Picture = components["schemas"]["Picture"];
