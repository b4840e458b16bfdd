// What the fake API knows of being on call beside the schedules: dead ends, the
// load of the past, calendar addresses. For pictures and tests only.
import type { DeadEnd } from "../src/api/policies";
import type { CalendarFeed, PersonLoad } from "../src/api/types";
import { nameOf } from "./catalogue.ts";

const day = 86_400_000;

export function deadEnds(now: number): DeadEnd[] {
  const at = (d: number) => new Date(now + d * day).toISOString();
  const named = (id: string) => [{ id, name: nameOf(id) }];
  const saturday = (6 - new Date(now).getUTCDay() + 7) % 7 || 7;
  return [
    { where: "schedule:legal", what: "unreachable", target: "schedule:legal", people: named("legal-counsel-1"), from: at(-1), until: at(14) },
    { where: "policy:exports/step 2", what: "unreachable", target: "schedule:legal", people: named("legal-counsel-1"), from: at(-1), until: at(14) },
    { where: "schedule:security", what: "nobody", target: "schedule:security", people: [], from: at(saturday), until: at(saturday + 1) },
    { where: "schedule:security", what: "nobody", target: "schedule:security", people: [], from: at(saturday + 7), until: at(saturday + 8) },
    { where: "chain/step 5", what: "away", target: "role:vp-engineering", people: named("rachel.torres"), from: at(2), until: at(9) },
    { where: "schedule:secondary", what: "same_person", target: "schedule:secondary", people: named("bo"), from: at(5), until: at(6) },
  ];
}

export function loads(days: number): PersonLoad[] {
  const of = (person: string, share: number, nights: number, weekend: number, holiday: number, pages: number, off: number): PersonLoad => ({
    person, name: nameOf(person), hours: Math.round(days * 24 * share * 2) / 2, nights: Math.round(days * nights), weekend_hours: Math.round(days * 24 * weekend), holiday_hours: holiday, pages: Math.round(days * pages), pages_off_hours: Math.round(days * off),
  });
  return [
    of("ana", 0.56, 0.5, 0.17, 24, 0.6, 0.27), of("bo", 0.44, 0.47, 0.12, 0, 0.43, 0.17), of("platform-engineer-1", 0.07, 0, 0.07, 6, 0.1, 0.07), of("communications-lead-1", 0.5, 0.5, 0.14, 12, 0.13, 0.03),
    of("communications-lead-2", 0.5, 0.5, 0.14, 12, 0.1, 0.03), of("david.kim", 0, 0, 0, 0, 0.13, 0.1), of("rachel.torres", 0.34, 0.33, 0.1, 0, 0.03, 0.03),
  ];
}

export class Feeds {
  private list: CalendarFeed[] = [{ id: "f1", kind: "schedule", subject: "primary", created_at: "2026-02-11T08:30:00Z" }];
  private made = 1;

  all(): CalendarFeed[] {
    return this.list;
  }

  make(kind: CalendarFeed["kind"], subject: string, now: number): CalendarFeed {
    this.list = this.list.filter((f) => f.kind !== kind || f.subject !== subject);
    const feed: CalendarFeed = { id: `f${++this.made}`, kind, subject, created_at: new Date(now).toISOString() };
    this.list.push(feed);
    return { ...feed, path: `/calendar/acf_${"x7Qm2".repeat(7)}${this.made}.ics` };
  }

  end(id: string): boolean {
    const had = this.list.length;
    this.list = this.list.filter((f) => f.id !== id);
    return this.list.length < had;
  }
}
