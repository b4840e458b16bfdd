// The frame around every screen: navigation, who you are, the live bar, the
// palette and the keyboard.
import { ActionIcon, Drawer, Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconDots, IconMenu2, IconSearch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useRef, useState } from "react";
import { onSignedOut } from "../api/client";
import { session } from "../api/endpoints";
import { q } from "../api/queries";
import { Declare } from "../command/declare";
import { Loading, Time } from "../ui/pieces";
import { idOf, plain } from "../ui/words";
import { listen, moveRow, useCommands, type Command } from "./commands";
import { Help } from "./help";
import { LiveBar, LiveProvider } from "./live";
import { useMe } from "./me";
import { learnServerTime, toggleElapsed, toggleZone, useZone } from "./moment";
import { Palette, palette } from "./palette";
import css from "./shell.module.css";

const places = [
  { to: "/", label: "Now", keys: "g h" },
  { to: "/incidents", label: "Incidents", keys: "g i" },
  { to: "/alerts", label: "Alerts", keys: "g a" },
  { to: "/tickets", label: "Tickets", keys: "g q" },
  { to: "/reviews", label: "Reviews", keys: "g j" },
  { to: "/figures", label: "Figures", keys: "g g" },
  { to: "/mentions", label: "Mentions", keys: "g f" },
  { to: "/limits", label: "Limits", keys: "g v" },
  { to: "/checks", label: "Checks", keys: "g k" },
  { to: "/maintenance", label: "Maintenance", keys: "g n" },
  { to: "/status-page", label: "Status page", keys: "g l" },
  { to: "/on-call", label: "On-call", keys: "g o" },
  { to: "/outbox", label: "Outbox", keys: "g x" },
  { to: "/schedules", label: "Schedules", keys: "g r" },
  { to: "/policies", label: "Escalation policies", keys: "g e" },
  { to: "/services", label: "Services", keys: "g s" },
  { to: "/services/map", label: "Service map", keys: "g b" },
  { to: "/vendors", label: "Vendors", keys: "g u" },
  { to: "/teams", label: "Teams", keys: "g t" },
  { to: "/people", label: "People", keys: "g p" },
  { to: "/customers", label: "Customers", keys: "g c" },
  { to: "/stakeholders", label: "Stakeholders", keys: "g @" },
  { to: "/credits", label: "Service credits", keys: "g $", inside: true },
  { to: "/customers/health", label: "Customer health", keys: "g y", inside: true },
  { to: "/procedure", label: "Procedure", keys: "g d" },
  { to: "/ways-in", label: "Ways in", keys: "g w", admin: true },
  { to: "/in-app-notices", label: "In-app notices", keys: "g .", admin: true },
] as const satisfies readonly { to: string; label: string; keys: string; admin?: boolean; inside?: boolean }[];

/** Keys are an administrator's, and what is known of customers is not for stakeholders: nobody is led to a refusal. */
const open = (role: string | undefined) => places.filter((p) => (!("admin" in p) || role === "admin") && (!("inside" in p) || role !== "stakeholder"));

/** What an administrator can add from everywhere, by the palette. */
const created = [
  { to: "/teams", label: "New team", search: { do: "new" } },
  { to: "/schedules/new", label: "New schedule", search: {} },
  { to: "/policies/new", label: "New escalation policy", search: {} },
  { to: "/services", label: "New service", search: { do: "new" } },
  { to: "/people", label: "New person", search: { do: "new" } },
  { to: "/customers", label: "New customer", search: { do: "new" } },
  { to: "/stakeholders", label: "New stakeholder", search: { do: "new" } },
  { to: "/status-page", label: "New component of the status page", search: { do: "new" } },
  { to: "/vendors", label: "New vendor", search: { do: "new" } },
  { to: "/checks", label: "New synthetic check", search: { do: "new" } },
  { to: "/mentions", label: "New feed of mentions", search: { tab: "feeds", do: "new" } },
  { to: "/ways-in", label: "New way in (integration key)", search: { do: "new" } },
  { to: "/in-app-notices", label: "New key for in-app notices", search: { do: "new" } },
] as const;

function useCounts(): Record<string, { n: number; bad?: boolean }> {
  const now = useQuery(q.now()).data;
  useEffect(() => {
    if (now) learnServerTime(now.at);
  }, [now]);
  const failed = now?.outbox.failed ?? 0;
  return { "/": { n: now?.incidents.length ?? 0 }, "/outbox": { n: failed, bad: true } };
}

function Places({ onGo }: { onGo?: () => void }) {
  const counts = useCounts();
  const role = useMe()?.role;
  return (
    <ul className={css.places}>
      {open(role).map((p) => {
        const c = counts[p.to];
        return (
          <li key={p.to}>
            <Link to={p.to} search={{}} onClick={onGo} activeOptions={{ exact: p.to === "/" || places.some((o) => o.to.startsWith(`${p.to}/`)), includeSearch: false }} className={css.place} activeProps={{ "aria-current": "page" }}>
              {p.label}
              {c && c.n > 0 && <span className={c.bad ? css.bad : undefined}>{c.n}<span className="sr">{c.bad ? " failed" : " open"}</span></span>}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** Who you are and whether you are on call: the answer to "am I on?". */
function Me() {
  const me = useMe();
  const now = useQuery(q.now()).data;
  const mine = now?.on_call.filter((o) => o.person && o.person === me?.person_id) ?? [];
  const first = mine[0];
  return (
    <div className={css.me}>
      <div className="grow">
        <strong className="cut">{me?.name ?? " "}</strong>
        {first ? <span>On call: {mine.map((o) => plain(o.schedule).toLowerCase()).join(", ")}, <Time at={first.until} prefix="until " /></span> : <span>Not on call{nextTurn(now?.on_call, me?.person_id)}</span>}
      </div>
      <UserMenu />
    </div>
  );
}

function nextTurn(list: { schedule: string; next?: Parameters<typeof idOf>[0] }[] | undefined, person: string | undefined): string {
  const next = person ? list?.find((o) => idOf(o.next) === person) : undefined;
  return next ? `; next as ${plain(next.schedule).toLowerCase()}` : "";
}

function UserMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const zone = useZone();
  const leave = useSignOut();
  return (
    <Menu position="top-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={32} aria-label="Your settings"><IconDots size={18} aria-hidden /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/me" rightSection={<kbd>g m</kbd>}>My contacts</Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {(["auto", "light", "dark"] as const).map((s) => (
          <Menu.Item key={s} onClick={() => setColorScheme(s)} rightSection={colorScheme === s ? "✓" : undefined}>{s === "auto" ? "As the system" : plain(s)}</Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={toggleZone} rightSection={<kbd>z</kbd>}>Show times in {zone === "UTC" ? "your zone" : "UTC"}</Menu.Item>
        <Menu.Item onClick={() => window.dispatchEvent(new Event("allclear:help"))} rightSection={<kbd>?</kbd>}>Keyboard</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useSignOut(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return () =>
    void session.close().catch(() => undefined).finally(() => {
      client.clear();
      void navigate({ to: "/sign-in" });
    });
}

/** A session that ended elsewhere leads to the sign-in and back again. */
function useSessionEnd(): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(
    () => onSignedOut(() => {
      client.clear();
      const here = window.location.pathname + window.location.search;
      void navigate({ to: "/sign-in", search: { next: here === "/" ? undefined : here } });
    }),
    [client, navigate],
  );
}

export function Shell() {
  const navigate = useNavigate();
  const leave = useSignOut();
  const me = useMe();
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (s) => s.location.pathname });
  useSessionEnd();
  useEffect(() => listen(palette.open), []);
  useEffect(() => {
    const open = () => setHelp(true);
    window.addEventListener("allclear:help", open);
    return () => window.removeEventListener("allclear:help", open);
  }, []);
  useEffect(() => main.current?.focus({ preventScroll: true }), [path]);

  const list: Command[] = [
    { id: "help", label: "Keyboard help", group: "Console", keys: "?", run: () => setHelp(true) },
    { id: "search", label: "Search and do anything", group: "Console", keys: "/", run: palette.open },
    { id: "down", label: "Next row", group: "Lists", keys: "j", run: () => moveRow(1) },
    { id: "up", label: "Row before", group: "Lists", keys: "k", run: () => moveRow(-1) },
    { id: "declare", label: "Declare an incident", group: "Create", keys: "c", words: "new open raise", run: () => void navigate({ to: ".", search: (old: object) => ({ ...old, do: "declare" }) as never }) },
    ...open(me?.role).map((p): Command => ({ id: `go-${p.to}`, label: p.label, group: "Go to", keys: p.keys, run: () => void navigate({ to: p.to, search: {} as never }) })),
    ...(me?.role === "admin" ? created.map((c): Command => ({ id: `create-${c.to}`, label: c.label, group: "Create", words: "add create", run: () => void navigate({ to: c.to, search: c.search as never }) })) : []),
    { id: "go-/on-call/load", label: "Load report", group: "Go to", keys: "g z", words: "fairness hours nights weekends pages", run: () => void navigate({ to: "/on-call/load", search: {} }) },
    { id: "go-/me", label: "My contacts", group: "Go to", keys: "g m", words: "phone push device sms test page verify calendar ical handover notices", run: () => void navigate({ to: "/me" }) },
    { id: "zone", label: "Switch between UTC and your zone", group: "Console", keys: "z", run: toggleZone },
    { id: "elapsed", label: "Timeline: elapsed time or time of day", group: "Console", keys: "t", run: toggleElapsed },
    { id: "light", label: "Light appearance", group: "Console", run: () => setColorScheme("light") },
    { id: "dark", label: "Dark appearance", group: "Console", run: () => setColorScheme("dark") },
    { id: "auto", label: "Appearance as the system", group: "Console", run: () => setColorScheme("auto") },
    { id: "out", label: "Sign out", group: "Console", run: leave },
  ];
  useCommands(list);

  return (
    <LiveProvider>
      <a className="skip" href="#main">Skip to content</a>
      <div className={css.app}>
        <nav className={`${css.top} phone`} aria-label="Menu and search">
          <ActionIcon variant="subtle" size={44} aria-label="Menu" onClick={() => setMenu(true)}><IconMenu2 size={22} aria-hidden /></ActionIcon>
          <b className="grow">Allclear</b>
          <ActionIcon variant="subtle" size={44} aria-label="Search and do anything" onClick={palette.open}><IconSearch size={20} aria-hidden /></ActionIcon>
        </nav>
        <nav className={`${css.nav} desk`} aria-label="Main">
          <b className={css.brand}>Allclear</b>
          <UnstyledButton className={css.find} onClick={palette.open}><IconSearch size={14} aria-hidden /> <span className="grow">Search or do</span><kbd>/</kbd></UnstyledButton>
          <Places />
          <Me />
        </nav>
        <main id="main" ref={main} tabIndex={-1} className={css.main}>
          <LiveBar />
          <Suspense fallback={<Loading rows={5} />}><Outlet /></Suspense>
        </main>
      </div>
      <Drawer opened={menu} onClose={() => setMenu(false)} title="Allclear" size={280} closeButtonProps={{ "aria-label": "Close the menu" }}>
        <nav aria-label="Main" className={css.drawer}>
          <Places onGo={() => setMenu(false)} />
          <Me />
        </nav>
      </Drawer>
      <Help opened={help} onClose={() => setHelp(false)} />
      <Palette />
      <Declare />
    </LiveProvider>
  );
}
