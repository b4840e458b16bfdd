// The shapes of what stands around us: the map of what stands on what, vendors,
// what the public says, synthetic checks, and how customers fare.
import type { components } from "./schema";

export type ServiceMap = components["schemas"]["ServiceMap"];
export type MapNode = components["schemas"]["MapNode"];
export type MapEdge = components["schemas"]["MapEdge"];
export type Health = MapNode["health"];
export type Vendor = components["schemas"]["Vendor"];
export type Mention = components["schemas"]["Mention"];
export type NewMention = components["schemas"]["NewMention"];
export type Feed = components["schemas"]["Feed"];
export type Check = components["schemas"]["Check"];
export type Place = components["schemas"]["Place"];
export type Series = components["schemas"]["Series"];
export type UsagePoint = components["schemas"]["UsagePoint"];
export type UsageWarning = components["schemas"]["UsageWarning"];
export type HealthCheck = components["schemas"]["HealthCheck"];
export type NewHealthCheck = components["schemas"]["NewHealthCheck"];
