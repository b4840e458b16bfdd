// The small parts screens are made of. They know no resource of the API beyond
// the words of its states.
import { IconAlertTriangle, IconCheck, IconClock, IconClockExclamation, IconMinus, IconX } from "@tabler/icons-react";
import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { Problem } from "../api/client";
import type { Severity, Status } from "../api/types";
import { useNow, useZone } from "../app/moment";
import type { Tone } from "./clock";
import { ago, exact, ms, when } from "./time";
import { initials, statusWord } from "./words";

export function Sev({ severity }: { severity: Severity }) {
  return <span className={`sev ${severity}`}>{severity}</span>;
}

export function StatusChip({ status, declared = true }: { status: Status; declared?: boolean }) {
  return <span className="chip line">{statusWord(status, declared)}</span>;
}

export type ChipColour = "green" | "amber" | "red" | "accent";

export function Chip({ colour, children, icon }: { colour?: ChipColour; children: ReactNode; icon?: ReactNode }) {
  return <span className={`chip ${colour ?? ""}`}>{icon}{children}</span>;
}

export function Avatar({ name }: { name: string }) {
  return <span className="av" aria-hidden>{initials(name)}</span>;
}

/** An instant: short on screen, whole in its title. how: "when" (14:05) or "ago" (4 min ago). */
export function Time({ at, how = "when", prefix = "" }: { at: string | undefined; how?: "when" | "ago"; prefix?: string }) {
  const now = useNow();
  const zone = useZone();
  const t = ms(at);
  if (t === undefined) return null;
  return (
    <time dateTime={at} title={exact(t, zone)}>
      {prefix}
      {how === "ago" ? ago(t, now) : when(t, now, zone)}
    </time>
  );
}

export function ToneIcon({ tone, size = 16 }: { tone: Tone; size?: number }) {
  const props = { size, "aria-hidden": true, stroke: 2.2 } as const;
  switch (tone) {
    case "met": return <IconCheck {...props} />;
    case "over": return <IconX {...props} />;
    case "due": return <IconClockExclamation {...props} />;
    case "off": return <IconMinus {...props} />;
    default: return <IconClock {...props} />;
  }
}

export function Card({ title, aside, children, id, className = "" }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; id?: string; className?: string }) {
  const heading = id ? `${id}-title` : undefined;
  return (
    <section className={`card ${className}`} id={id} aria-labelledby={title ? heading : undefined}>
      {title && (
        <header>
          <h2 id={heading}>{title}</h2>
          {aside && <span>{aside}</span>}
        </header>
      )}
      {children}
    </section>
  );
}

/** What an empty screen says: why it is empty and what would fill it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {children && <p className="muted">{children}</p>}
    </div>
  );
}

/** An error in a sentence with the next step. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const missing = error instanceof Problem && error.status === 404;
  const text = error instanceof Error ? error.message : "Something went wrong.";
  return (
    <div className="failed" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div className="grow">
        <b>{missing ? "There is nothing here." : "This could not be read."}</b>
        <p className="muted">{missing ? `${text}. It may have been removed, or you may not be allowed to see it.` : text}</p>
      </div>
      {again && !missing && <Button size="xs" onClick={again}>Try again</Button>}
    </div>
  );
}

export function Loading({ rows = 3, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="stack">
      {Array.from({ length: rows }, (_, i) => <Skeleton key={i} height={44} radius="md" />)}
    </div>
  );
}

/** The three states of reading, drawn the same everywhere. */
export function Reading<T>({ query, children, rows }: { query: { data: T | undefined; error: unknown; refetch: () => unknown }; children: (data: T) => ReactNode; rows?: number }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failed error={query.error} again={() => void query.refetch()} />;
  return <Loading rows={rows} />;
}

export function PageHead({ title, lead, actions }: { title: ReactNode; lead?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="pagehead">
      <h1>{title}</h1>
      {lead && <p>{lead}</p>}
      {actions && <div className="acts">{actions}</div>}
    </div>
  );
}
