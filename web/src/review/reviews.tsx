// Reviews and action items: what is still to be learned, and what is still to be done.
import { SegmentedControl, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { looking, type ActionItem, type ReviewSummary } from "../api/review";
import { useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { Chip, Empty, PageHead, Sev, Time } from "../ui/pieces";
import { capital, count } from "../ui/words";
import { ActDialog } from "./acts";
import { actionsLead, actionStates, reviewStates } from "./words";
import css from "./review.module.css";

export const categories = ["technical", "process", "training", "tooling", "communication"];

export function ReviewsScreen() {
  const search = useSearch({ from: "/app/reviews" });
  const set = useFilters();
  const actions = search.tab === "actions";
  useEffect(() => {
    document.title = `${actions ? "Action items" : "Reviews"} · Allclear`;
  }, [actions]);
  return (
    <>
      <PageHead title="Reviews" lead={actions ? "What follows from incidents, each with one owner and a date." : "What is learned from each incident. A P1 or P2 is closed after its review."} />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="What is shown" value={actions ? "actions" : "reviews"} onChange={(v) => set({ tab: v === "actions" ? v : undefined, item: undefined })} data={[{ value: "reviews", label: "Reviews" }, { value: "actions", label: "Action items" }]} />
      </div>
      {actions ? <Actions /> : <Reviews />}
    </>
  );
}

function Reviews() {
  const search = useSearch({ from: "/app/reviews" });
  const set = useFilters();
  const all = search.show === "all";
  const query = useInfiniteQuery(looking.reviews(!all));
  return (
    <>
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Which reviews" value={all ? "all" : "open"} onChange={(v) => set({ show: v === "all" ? v : undefined })} data={[{ value: "open", label: "Open" }, { value: "all", label: "All" }]} />
      </div>
      <Listing query={query} noun="reviews">
        {(list) => list.length === 0
          ? <div className="card"><Empty title={all ? "No reviews yet." : "Every review is signed off."}>One opens by itself when a declared P1 or P2 is resolved.</Empty></div>
          : <ul className={css.rows}>{list.map((r) => <ReviewRow key={r.incident} r={r} />)}</ul>}
      </Listing>
    </>
  );
}

function ReviewRow({ r }: { r: ReviewSummary }) {
  const state = reviewStates[r.state];
  return (
    <li>
      <Link to="/incidents/$ref/review" params={{ ref: r.incident }} className={css.row} data-row>
        <Sev severity={r.highest_severity} />
        <span className="grow"><b>{r.incident}</b> {r.title}<small>{r.owner ? r.owner.name : "nobody owns it"} · {r.held_at ? <>held <Time at={r.held_at} /></> : r.meeting_at ? <>meeting <Time at={r.meeting_at} /></> : "no meeting yet"} · {count(r.actions, "action item")}</small></span>
        <span className={css.end}>{r.missing > 0 && <small>{r.missing} missing</small>}<Chip colour={state.colour}>{state.word}</Chip></span>
      </Link>
    </li>
  );
}

function Actions() {
  const search = useSearch({ from: "/app/reviews" });
  const set = useFilters();
  const show = search.show ?? "standing";
  const query = useInfiniteQuery(looking.actions({ standing: show === "standing" ? "true" : undefined, overdue: show === "overdue" ? "true" : undefined, category: search.category }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const open = items.find((a) => a.id === search.item);
  return (
    <>
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Which action items" value={show} onChange={(v) => set({ show: v === "standing" ? undefined : v })} data={[{ value: "standing", label: "Standing" }, { value: "overdue", label: "Overdue" }, { value: "all", label: "All" }]} />
        <Select aria-label="Category" placeholder="Every category" clearable w={190} data={categories.map((c) => ({ value: c, label: capital(c) }))} value={search.category ?? null} onChange={(v) => set({ category: v ?? undefined })} clearButtonProps={{ "aria-label": "Every category" }} />
        <span className="muted">{actionsLead(items)}</span>
      </div>
      <Listing query={query} noun="action items">
        {(list) => list.length === 0
          ? <div className="card"><Empty title="No action items.">They are made in the review of an incident.</Empty></div>
          : <ul className={css.rows}>{list.map((a) => <ActionRow key={a.id} a={a} open={() => set({ item: a.id })} incident />)}</ul>}
      </Listing>
      {open && <ActDialog key={open.id} a={open} onClose={() => set({ item: undefined })} />}
    </>
  );
}

export function ActionRow({ a, open, incident }: { a: ActionItem; open: () => void; incident?: boolean }) {
  const state = actionStates[a.state];
  const missed = (a.milestones ?? []).filter((m) => m.state === "missed").length;
  return (
    <li className={css.row}>
      <button type="button" className="plainbutton grow" style={{ textAlign: "left", background: "none", border: 0, padding: 0, font: "inherit", color: "inherit", cursor: "pointer", minHeight: 44 }} onClick={open} data-row>
        <b>{a.title}</b>
        <small>{a.owner.name} · {a.category} · due <Time at={a.due_at} />{missed > 0 ? ` · ${count(missed, "milestone")} missed` : ""}</small>
      </button>
      <span className={css.end}>
        {incident && <Link to="/incidents/$ref/review" params={{ ref: a.incident }} className="link">{a.incident}</Link>}
        {a.overdue && <Chip colour="red">overdue</Chip>}
        <Chip colour={state.colour}>{state.word}</Chip>
      </span>
    </li>
  );
}
