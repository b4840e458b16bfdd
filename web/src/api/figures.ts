// The key figures of a month or quarter, read in the chunk of their screen.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { components } from "./schema";

export type Figures = components["schemas"]["Figures"];
export type Course = components["schemas"]["KPICourse"];
export type FigurePeriod = components["schemas"]["FigurePeriod"];
export type ClockTally = components["schemas"]["ClockTally"];
export type ServiceTally = components["schemas"]["ServiceTally"];

export const fq = {
  figures: (of: string | undefined, length: "month" | "quarter") => queryOptions({ queryKey: ["figures", of ?? "", length], queryFn: () => get<Figures>("/figures", { of, length }), staleTime: 60_000, refetchInterval: 300_000, placeholderData: keepPreviousData }),
};
