// What can be pressed in an incident now, with its key, and which of it is the
// one thing to press. The buttons, the keyboard, the help and the palette read
// this one list.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { act } from "../api/endpoints";
import { q } from "../api/queries";
import type { Checklist, Incident, Page } from "../api/types";
import { useMe } from "../app/me";
import type { Command } from "../app/commands";
import { useStore } from "../app/store";
import { waiting } from "../app/queue";
import { ms } from "../ui/time";
import { can, useDialog, useDo, useTake } from "./act";
import { command } from "../api/command";
import { isMine, isOpen, nextTasks } from "./phases";
import { useMove } from "./move";

export interface Actions {
  commands: Command[];
  primary: Command | undefined;
  side: Command[];
  more: Command[];
}

/** The task the keyboard stands on. */
function focused(): string | undefined {
  return (document.activeElement?.closest("[data-task]") as HTMLElement | null)?.dataset["task"];
}

export const mayTask = (i: Incident): boolean => can(i, "tasks") || can(i, "notes");

export function useActions(i: Incident, n: number): Actions {
  const take = useTake(i, n);
  const dialog = useDialog();
  const doit = useDo(n);
  const move = useMove(n);
  const me = useMe()?.person_id;
  const client = useQueryClient();
  const navigate = useNavigate();
  const held = useStore(waiting).some((w) => w.incident === n && w.what === "acknowledge");
  const group = i.ref;
  const ended = ms(i.resolved_at) !== undefined;
  const mine = i.responders.find((r) => r.person === me)?.state;
  const task = (run: (id: string) => void) => () => {
    const lists = client.getQueryData<Page<Checklist>>(q.checklists(n).queryKey)?.items ?? [];
    const open = nextTasks(lists, 500, 0).filter(isOpen);
    const id = focused() ?? (open.find((t) => isMine(t, me)) ?? open[0])?.id;
    if (id) run(id);
  };
  const all: (Command & { if: boolean })[] = [
    { id: "ack", label: "Acknowledge", keys: "a", group, words: "take have it", if: can(i, "acknowledge") && !ms(i.acknowledged_at) && !held, run: () => void take("acknowledge") },
    { id: "engage", label: "Engage", keys: "w", group, words: "work on it start confirm", if: can(i, "engage") && !ms(i.engaged_at), run: () => void take("engage") },
    { id: "resolve", label: "Resolve", keys: "r", group, words: "done over end", if: can(i, "resolve"), run: () => dialog("resolve") },
    { id: "reopen", label: "Reopen", keys: "l", group, words: "relapse came back again regression", if: can(i, "reopen"), run: () => dialog("reopen") },
    { id: "update", label: "Update customers", keys: "u", group, words: "message status post tell", if: can(i, "messages"), run: () => dialog("update") },
    { id: "escalate", label: "Escalate", keys: "e", group, words: "page someone call level expert", if: can(i, "escalate"), run: () => dialog("escalate") },
    { id: "brief", label: "Brief the executives", keys: "b", group, words: "leadership ceo summary", if: can(i, "brief"), run: () => dialog("brief") },
    { id: "note", label: "Note", keys: "n", group, words: "write timeline decision hypothesis", if: can(i, "notes"), run: () => focusNote(() => dialog(undefined, { tab: undefined })) },
    { id: "scope", label: "Say who is hit", keys: "f", group, words: "scope services regions customers impact consequence", if: can(i, "scope"), run: () => dialog("scope") },
    { id: "severity", label: "Change severity", keys: "s", group, words: "upgrade downgrade P1 P2 P3 P4", if: can(i, "severity"), run: () => dialog("severity") },
    { id: "role", label: "Hand over a role", keys: "o", group, words: "commander lead scribe assign", if: can(i, "roles"), run: () => dialog("role") },
    { id: "join", label: "Join the response", keys: "v", group, words: "responder coming roster", if: can(i, "responders") && !ended && mine !== "joined" && i.declared, run: () => void doit("Joining", () => command.respond(n, "joined")) },
    { id: "unavailable", label: "Say that I am unavailable", group, words: "responder cannot roster decline", if: can(i, "responders") && !ended && (mine === "asked" || mine === "joined"), run: () => void doit("Your answer", () => command.respond(n, "unavailable")) },
    { id: "snooze", label: ms(i.snoozed_until) ? "Snooze for longer or shorter" : "Snooze", keys: "p", group, words: "pause pages later sleep hold", if: can(i, "snooze"), run: () => dialog("snooze") },
    { id: "wake", label: "Wake now", keys: "y", group, words: "end snooze unsnooze page again", if: can(i, "wake"), run: () => dialog("wake") },
    { id: "mitigate", label: "Mark as mitigated", keys: "m", group, words: "workaround impact reduced", if: can(i, "mitigate") && !ms(i.mitigated_at), run: () => void doit("The mitigation", () => act.mitigate(n)) },
    { id: "confirm", label: "Confirm and declare", group, if: can(i, "confirm") && !i.declared, run: () => void doit("The confirmation", () => act.confirm(n)) },
    { id: "review", label: "Open the review", keys: "v", group, words: "post-incident cause lessons action items", if: i.declared && ended, run: () => void navigate({ to: "/incidents/$ref/review", params: { ref: i.ref } }) },
    { id: "close", label: "Close", group, if: can(i, "close") && i.status === "resolved", run: () => void doit("Closing", () => act.close(n)) },
    { id: "dismiss", label: "Dismiss as a false positive", keys: "d", group, if: can(i, "dismiss") && !i.declared, run: () => dialog("dismiss") },
    { id: "wall", label: "Put it on a room's screen", keys: "q", group, words: "wall board tv address conference", if: can(i, "notes") && !i.restricted, run: () => dialog("wall") },
    { id: "print", label: "Print this part of the page", group, words: "paper pdf", if: true, run: () => window.print() },
    { id: "merge", label: "Merge into another incident", group, if: can(i, "merge"), run: () => dialog("merge") },
    { id: "split", label: "Split alerts off", group, if: can(i, "split") && i.alerts.total > 1, run: () => dialog("split") },
    { id: "restrict", label: "Restrict to a circle", group, words: "security secret", if: can(i, "restrict") && !i.restricted, run: () => dialog("restrict") },
    { id: "answer", label: "Answer a task: done, or not applicable", keys: "x", group: "Tasks", words: "step tick evidence check", if: mayTask(i), run: task((id) => dialog("task", { task: id })) },
    { id: "take", label: "Take a task: I am at it", keys: "i", group: "Tasks", words: "step card mine", if: mayTask(i), run: task((id) => void move.take(id)) },
    { id: "hand", label: "Hand a task on", keys: "h", group: "Tasks", words: "step card assign owner", if: mayTask(i), run: task((id) => dialog("hand", { task: id })) },
    { id: "card", label: "New card on the board", keys: "+", group: "Tasks", words: "task action item add", if: mayTask(i), run: () => dialog("card") },
  ];
  const now = all.filter((c) => c.if);
  const pick = (id: string) => now.find((c) => c.id === id);
  const primary = pick("ack") ?? pick("engage") ?? pick("resolve") ?? pick("close");
  const side = ["review", "note", "escalate", primary?.id === "ack" ? "engage" : ended ? "reopen" : "update"].map(pick).filter((c) => c !== undefined);
  const more = now.filter((c) => c !== primary && !side.includes(c) && c.group === group && c.id !== "print");
  return { commands: now, primary, side, more };
}

function focusNote(show: () => void): void {
  const field = document.getElementById("note");
  if (field) {
    field.focus();
    return;
  }
  show();
  setTimeout(() => document.getElementById("note")?.focus(), 80);
}
