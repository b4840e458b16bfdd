// Who is in the room and in which role, and what is open to be taken.
import type { Incident, PersonRef } from "../api/types";
import { useMe } from "../app/me";
import { useNames } from "../ui/people";
import { Avatar, Card, Chip } from "../ui/pieces";
import { idOf, plain } from "../ui/words";
import { act } from "../api/endpoints";
import { can, useDialog, useDo } from "./act";
import css from "./room.module.css";

export const roles = ["incident_commander", "technical_lead", "communications_lead", "scribe"];

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
  const mayAssign = can(i, "roles");
  const holders = new Set(Object.values(i.roles).map(idOf));
  const wanted = !i.declared ? [] : i.severity === "P1" || i.severity === "P2" ? roles : roles.slice(0, 1);
  const listed = [...new Set([...wanted, ...Object.keys(i.roles)])];
  const others = i.responders.filter((r) => !holders.has(r.person));
  const joined = i.responders.filter((r) => r.state === "joined").length;
  const asked = i.responders.filter((r) => r.state === "asked").length;
  const stateOf = (p: PersonRef | undefined) => i.responders.find((r) => r.person === idOf(p))?.state;
  const mine = me?.person_id;
  return (
    <Card title="In the room" aside={mayAssign ? <button type="button" className="link" onClick={() => dialog("role")} aria-label="Hand over a role">hand over</button> : undefined}>
      <p className="muted small">{!i.declared && i.responders.length === 0 ? "The room opens when somebody confirms. Engaging confirms." : [`${joined} joined`, asked > 0 ? `${asked} asked` : ""].filter(Boolean).join(", ")}</p>
      <ul className={css.list}>
        {listed.map((role) => {
          const p = i.roles[role];
          const held = idOf(p) !== "";
          const state = states[stateOf(p) ?? ""];
          return (
            <li key={role}>
              <Avatar name={held ? name(p) : "?"} />
              <span className="grow">
                {held ? name(p) : plain(role)}
                <small>
                  {held ? plain(role) : "nobody yet"}
                  {!held && mayAssign && mine && <> · <button type="button" className="link" onClick={() => void doit(plain(role), () => act.role(i.number, role, mine))} aria-label={`Take the role ${plain(role)}`}>take it</button></>}
                </small>
              </span>
              {held ? state && <Chip colour={state.colour}>{state.word}</Chip> : <Chip colour="amber">open</Chip>}
            </li>
          );
        })}
        {others.map((r) => {
          const state = states[r.state] ?? { word: r.state };
          return (
            <li key={r.person}>
              <Avatar name={r.name || name(r.person)} />
              <span className="grow">{r.name || name(r.person)}<small>Responder</small></span>
              <Chip colour={state.colour}>{state.word}</Chip>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
