// Where a step of the procedure is done: some are answered by doing what they
// ask for on this page. Pure.
import type { Task } from "../api/types";

export interface Way {
  /** What the button says. */
  label: string;
  /** The dialog that opens, with what else stands in the address. */
  do?: string;
  more?: Record<string, string>;
  tab?: string;
}

const ways: [RegExp, Way][] = [
  [/^RSP-S2-(SCOPE|IMPACT)$/, { label: "Say who is hit", do: "scope" }],
  [/^RSP-S2-DOC$/, { label: "Write the first findings", do: "findings" }],
  [/^RSP-S2-SEV$/, { label: "Change severity", do: "severity" }],
  [/^RSP-S3-COMMPREP$/, { label: "Write to customers", do: "update" }],
  [/^WAR-IC-/, { label: "Name the commander", do: "role", more: { show: "incident_commander" } }],
  [/^WAR-TL-/, { label: "Name the technical lead", do: "role", more: { show: "technical_lead" } }],
  [/^WAR-CCL-(NOTIFY|STATUS|COORD)$/, { label: "Name the communications lead", do: "role", more: { show: "customer_communications_lead" } }],
  [/^WAR-SCR-/, { label: "Name the scribe", do: "role", more: { show: "scribe" } }],
  [/^(WAR-VIRT-|WAR-PHY-(ROOM|PHONE)|RSP-S3-CHAN)/, { label: "Open the war room", tab: "room" }],
  [/^WAR-PHY-BOARD$/, { label: "Open the board", tab: "board" }],
  [/^WAR-PHY-SCREEN$/, { label: "Put it on a room's screen", do: "wall" }],
  [/^RSP-S3-NOTIFY$/, { label: "See who was paged and told", tab: "pages" }],
  [/^INV-TRI(-DEPLOY|-METRICS|-LOGS|-3P)?$/, { label: "See what was changed and measured", tab: "investigation" }],
  [/^INV-RCA-NET$/, { label: "Measure the way", do: "measure", tab: "investigation" }],
  [/^INV-RCA-HYP$/, { label: "Name a possible cause", do: "cause", tab: "investigation" }],
  [/^INV-RCA-(REPRO|SEC|DB)$/, { label: "Write down the finding", do: "finding", tab: "investigation" }],
  [/^INV-SOL-OPTIONS$/, { label: "Propose an option", do: "option", tab: "investigation" }],
  [/^INV-SOL-(RISK|TEST|PLAN)$/, { label: "Go to the options", tab: "investigation" }],
  [/^TEAM-SME$/, { label: "Call in an expert", do: "escalate" }],
];

/** What to press for a task, if this page can do it. */
export function wayOf(t: Pick<Task, "clauses">): Way | undefined {
  for (const c of t.clauses ?? []) {
    const found = ways.find(([pattern]) => pattern.test(c));
    if (found) return found[1];
  }
  return undefined;
}

/** What the holder of a role presses for a duty. */
export function dutyWay(clause: string | undefined): Way | undefined {
  switch (clause) {
    case "WAR-IC-COORD": return { label: "Decision", do: "decision" };
    case "WAR-IC-EXEC": return { label: "Brief", do: "brief" };
    case "WAR-IC-RES": return { label: "Escalate", do: "escalate" };
    case "WAR-TL-COORD": return { label: "Workstream", do: "stream" };
    case "WAR-TL-FIX": return { label: "Investigation", tab: "investigation" };
    case "WAR-TL-DECIDE": return { label: "Decision", do: "decision" };
    case "WAR-TL-INFORM": return { label: "Update", do: "inform" };
    case "WAR-CCL-NOTIFY": return { label: "Update", do: "update" };
    case "WAR-CCL-STATUS": return { label: "Messages", tab: "messages" };
    case "WAR-SCR-TIMELINE": return { label: "Note", do: "note" };
    case "WAR-SCR-NOTES": return { label: "Notes", tab: "room" };
    default: return undefined;
  }
}
