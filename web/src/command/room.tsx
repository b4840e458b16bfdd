// Who does what: the roles, what is open to be taken, the holder's own duties,
// and who was asked and has not answered.
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { act } from "../api/endpoints";
import { command } from "../api/command";
import type { Incident, PersonRef, Responder } from "../api/types";
import { useMe } from "../app/me";
import { useNow } from "../app/moment";
import { useNames } from "../ui/people";
import { Avatar, Card, Chip } from "../ui/pieces";
import { ms, span } from "../ui/time";
import { idOf, plain } from "../ui/words";
import { can, useDialog, useDo } from "./act";
import { useRoles } from "./roles";
import css from "./room.module.css";
import { dutyWay } from "./ways";

const states: Record<string, { word: string; colour?: "green" | "amber" | "red" }> = {
  joined: { word: "joined", colour: "green" },
  asked: { word: "asked", colour: "amber" },
  unavailable: { word: "unavailable" },
  declined: { word: "declined" },
  left: { word: "left" },
};

export function Room({ i }: { i: Incident }) {
  const name = useNames();
  const me = useMe();
  const dialog = useDialog();
  const doit = useDo(i.number);
  const rules = useRoles();
  const mayAssign = can(i, "roles");
  const wanted = !i.declared ? [] : i.severity === "P1" || i.severity === "P2" ? rules.map((r) => r.id) : rules.slice(0, 1).map((r) => r.id);
  const listed = [...new Set([...wanted, ...Object.keys(i.roles)])];
  const title = (role: string) => rules.find((r) => r.id === role)?.title ?? plain(role);
  const stateOf = (p: PersonRef | undefined) => i.responders.find((r) => r.person === idOf(p))?.state;
  const mine = me?.person_id;
  return (
    <Card title="In the room" aside={mayAssign ? <button type="button" className="link" onClick={() => dialog("role")} aria-label="Hand over a role">hand over</button> : undefined}>
      {!i.declared && i.responders.length === 0 && <p className="muted small">The room opens when somebody confirms. Engaging confirms.</p>}
      <ul className={css.list}>
        {listed.map((role) => {
          const p = i.roles[role];
          const held = idOf(p) !== "";
          const state = states[stateOf(p) ?? ""];
          return (
            <li key={role}>
              <Avatar name={held ? name(p) : "?"} />
              <span className="grow">
                {held ? name(p) : title(role)}{held && idOf(p) === mine ? " (you)" : ""}
                <small>
                  {held ? title(role) : "nobody yet"}
                  {!held && mayAssign && mine && <> · <button type="button" className="link" onClick={() => void doit(title(role), () => act.role(i.number, role, mine))} aria-label={`Take the role ${title(role)}`}>take it</button></>}
                </small>
              </span>
              {held ? state && state.word !== "joined" && <Chip colour={state.colour}>{state.word}</Chip> : mayAssign ? <button type="button" className="link small" onClick={() => dialog("role", { show: role })} aria-label={`Give the role ${title(role)}`}>give</button> : <Chip colour="amber">open</Chip>}
            </li>
          );
        })}
      </ul>
      <Roster i={i} />
    </Card>
  );
}

/** Everybody who was asked, by their answer; those who have not answered, longest first. */
function Roster({ i }: { i: Incident }) {
  const me = useMe()?.person_id;
  const doit = useDo(i.number);
  const mine = i.responders.find((r) => r.person === me)?.state;
  const may = can(i, "responders") && i.declared && ms(i.resolved_at) === undefined;
  const by = (state: string) => i.responders.filter((r) => r.state === state).sort((a, b) => a.at.localeCompare(b.at));
  const groups = [["joined", "joined", "green"], ["asked", "not answered yet", "amber"], ["unavailable", "unavailable", undefined]] as const;
  if (i.responders.length === 0 && !may) return null;
  return (
    <div className={css.roster}>
      {groups.map(([state, word, colour]) => {
        const list = by(state);
        return list.length === 0 ? null : (
          <details key={state}>
            <summary><Chip colour={colour}>{list.length}</Chip> {word}</summary>
            <ul>{list.map((r) => <Person key={r.person} r={r} />)}</ul>
          </details>
        );
      })}
      {may && mine !== "joined" && (
        <div className="row">
          <Button size="xs" variant={mine === "asked" ? "filled" : "default"} onClick={() => void doit("Joining", () => command.respond(i.number, "joined"))} rightSection={<kbd className="desk">v</kbd>}>I join</Button>
          {mine === "asked" && <Button size="xs" onClick={() => void doit("Your answer", () => command.respond(i.number, "unavailable"))}>I cannot</Button>}
        </div>
      )}
    </div>
  );
}

function Person({ r }: { r: Responder }) {
  const now = useNow();
  const at = ms(r.at);
  return <li><span className="grow cut">{r.name || r.person}</span>{at !== undefined && <small className="faint">{span(now - at)}</small>}</li>;
}

/** What the holder of a role does, with what to press for it. */
export function YourPart({ i }: { i: Incident }) {
  const me = useMe()?.person_id;
  const rules = useRoles();
  const dialog = useDialog();
  const navigate = useNavigate();
  if (!me || ms(i.resolved_at) !== undefined) return null;
  const mine = rules.filter((r) => idOf(i.roles[r.id]) === me && r.duties.length > 0);
  if (mine.length === 0) return null;
  const allowed: Record<string, boolean> = { brief: can(i, "brief"), escalate: can(i, "escalate"), update: can(i, "messages"), decision: can(i, "notes"), note: can(i, "notes") };
  return (
    <>
      {mine.map((r) => (
        <Card key={r.id} title={`Yours as ${r.title.toLowerCase()}`}>
          <ul className={css.duties}>
            {r.duties.map((d) => {
              const way = dutyWay(d.clause);
              const go = way && (way.do ? allowed[way.do] !== false : true);
              return (
                <li key={d.text}>
                  <span className="grow">{d.text}</span>
                  {go && <Button size="xs" onClick={() => (way.do ? dialog(way.do) : void navigate({ to: ".", search: ((s: object) => ({ ...s, tab: way.tab })) as never }))} aria-label={`${way.label}: ${d.text}`}>{way.label}</Button>}
                </li>
              );
            })}
          </ul>
        </Card>
      ))}
    </>
  );
}
