// How a source fares, in a line: when something last came, and what was refused.
import type { SourceHealth } from "../api/sources";
import { Chip, Time } from "../ui/pieces";
import { count } from "../ui/words";
import { failing } from "./addresses";

export function Fares({ h }: { h: SourceHealth | undefined }) {
  if (!h?.accepted_at && !h?.refused_at) return <span className="muted">Nothing has come yet.</span>;
  return (
    <>
      {failing(h) ? <Chip colour="red">refused</Chip> : <Chip colour="green">arrives</Chip>}{" "}
      {h.accepted_at ? <>last taken <Time at={h.accepted_at} how="ago" /></> : "never taken yet"}
      {`, ${count(h.accepted_24h, "call")} in 24 h`}
      {h.refused_at && <>; last refused <Time at={h.refused_at} how="ago" />{h.refused_24h > 0 && ` (${h.refused_24h} in 24 h)`}: {h.reason}</>}
    </>
  );
}
