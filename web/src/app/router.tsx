// The map of the console. What a screen shows is in its address: filters, tabs,
// selections and open dialogs are search parameters.
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, Link } from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/client";
import { numberOf, q } from "../api/queries";
import { SignIn } from "../access/signin";
import { NowScreen } from "../command/now";
import { Empty, Failed, Loading } from "../ui/pieces";
import { Shell } from "./shell";

type Text<K extends string> = { [key in K]?: string };

/** Keeps the named search parameters, as text, and drops empty ones. */
function only<K extends string>(...keys: K[]) {
  return (search: Record<string, unknown>): Text<K> => {
    const out: Text<K> = {};
    for (const k of keys) {
      const v = search[k];
      if (v !== undefined && v !== null && v !== "") out[k] = String(v);
    }
    return out;
  };
}

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: () => (
    <Empty title="There is no such screen.">
      <Link to="/" className="link">Go to Now</Link>
    </Empty>
  ),
});

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", validateSearch: only("next"), component: SignIn });

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  validateSearch: only("do"),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(q.session());
    } catch (err) {
      if (err instanceof Problem && err.status === 401) throw redirect({ to: "/sign-in", search: { next: location.href === "/" ? undefined : location.href } });
      throw err;
    }
  },
  component: Shell,
  errorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
});

const now = createRoute({ getParentRoute: () => app, path: "/", component: NowScreen, loader: ({ context }) => void context.client.prefetchQuery(q.now()) });

const incidents = createRoute({
  getParentRoute: () => app,
  path: "/incidents",
  validateSearch: only("status", "severity", "service", "find"),
  component: lazyRouteComponent(() => import("../command/incidents"), "IncidentsScreen"),
});

const incident = createRoute({
  getParentRoute: () => app,
  path: "/incidents/$ref",
  validateSearch: only("tab", "show", "task", "message", "fold", "cut", "rest", "find", "entry", "do"),
  loader: ({ context, params }) => {
    const n = numberOf(params.ref);
    for (const query of [q.incident(n), q.deadlines(n), q.timeline(n), q.checklists(n), q.messages(n)]) void context.client.prefetchQuery(query as never);
  },
  component: lazyRouteComponent(() => import("../command/incident"), "IncidentScreen"),
});

const reviews = createRoute({ getParentRoute: () => app, path: "/reviews", validateSearch: only("tab", "show", "category", "item"), component: lazyRouteComponent(() => import("../review/reviews"), "ReviewsScreen") });
const review = createRoute({ getParentRoute: () => app, path: "/incidents/$ref/review", validateSearch: only("ask"), component: lazyRouteComponent(() => import("../review/review"), "ReviewScreen") });
const credits = createRoute({ getParentRoute: () => app, path: "/credits", validateSearch: only("tab", "month", "state", "incident", "ask"), component: lazyRouteComponent(() => import("../credits/credits"), "CreditsScreen") });
const memo = createRoute({ getParentRoute: () => app, path: "/credits/$id", validateSearch: only("ask"), component: lazyRouteComponent(() => import("../credits/memo"), "MemoScreen") });
const ledger = createRoute({ getParentRoute: () => app, path: "/incidents/$ref/ledger", validateSearch: only("ask"), component: lazyRouteComponent(() => import("../credits/ledger"), "LedgerScreen") });
const figures = createRoute({ getParentRoute: () => app, path: "/figures", validateSearch: only("of", "length", "kpi"), component: lazyRouteComponent(() => import("../insight/figures"), "FiguresScreen") });
const alerts = createRoute({ getParentRoute: () => app, path: "/alerts", validateSearch: only("status", "find", "why"), component: lazyRouteComponent(() => import("../intake/alerts"), "AlertsScreen") });
const tickets = createRoute({ getParentRoute: () => app, path: "/tickets", validateSearch: only("queue", "state", "find", "open", "ask"), component: lazyRouteComponent(() => import("../intake/tickets"), "TicketsScreen") });
const limits = createRoute({ getParentRoute: () => app, path: "/limits", validateSearch: only("find"), component: lazyRouteComponent(() => import("../intake/limits"), "LimitsScreen") });
const maintenance = createRoute({ getParentRoute: () => app, path: "/maintenance", validateSearch: only("end", "tell"), component: lazyRouteComponent(() => import("../intake/maintenance"), "MaintenanceScreen") });
const statusPage = createRoute({ getParentRoute: () => app, path: "/status-page", validateSearch: only("component", "edit", "ask", "tab", "channel", "state", "find", "open"), component: lazyRouteComponent(() => import("../page/statuspage"), "StatusPageScreen") });
const onCall = createRoute({ getParentRoute: () => app, path: "/on-call", validateSearch: only("from", "days", "schedule"), component: lazyRouteComponent(() => import("../paging/oncall"), "OnCallScreen") });
const load = createRoute({ getParentRoute: () => app, path: "/on-call/load", validateSearch: only("days", "by"), component: lazyRouteComponent(() => import("../paging/load"), "LoadScreen") });
const outbox = createRoute({
  getParentRoute: () => app,
  path: "/outbox",
  validateSearch: only("kind", "channel", "state", "incident", "open"),
  component: lazyRouteComponent(() => import("../paging/outbox"), "OutboxScreen"),
});
const schedules = createRoute({ getParentRoute: () => app, path: "/schedules", component: lazyRouteComponent(() => import("../paging/schedules"), "SchedulesScreen") });
const newSchedule = createRoute({ getParentRoute: () => app, path: "/schedules/new", validateSearch: only("view"), component: lazyRouteComponent(() => import("../paging/schedule"), "NewScheduleScreen") });
const schedule = createRoute({ getParentRoute: () => app, path: "/schedules/$id", validateSearch: only("view"), component: lazyRouteComponent(() => import("../paging/schedule"), "ScheduleScreen") });
const policies = createRoute({ getParentRoute: () => app, path: "/policies", component: lazyRouteComponent(() => import("../paging/policies"), "PoliciesScreen") });
const newPolicy = createRoute({ getParentRoute: () => app, path: "/policies/new", validateSearch: only("view"), component: lazyRouteComponent(() => import("../paging/policy"), "NewPolicyScreen") });
const policy = createRoute({ getParentRoute: () => app, path: "/policies/$id", validateSearch: only("view"), component: lazyRouteComponent(() => import("../paging/policy"), "PolicyScreen") });
const teams = createRoute({ getParentRoute: () => app, path: "/teams", validateSearch: only("find", "edit"), component: lazyRouteComponent(() => import("../admin/teams"), "TeamsScreen") });
const team = createRoute({ getParentRoute: () => app, path: "/teams/$id", validateSearch: only("edit"), component: lazyRouteComponent(() => import("../admin/team"), "TeamScreen") });
const services = createRoute({ getParentRoute: () => app, path: "/services", validateSearch: only("service", "edit"), component: lazyRouteComponent(() => import("../admin/services"), "ServicesScreen") });
const serviceMap = createRoute({ getParentRoute: () => app, path: "/services/map", validateSearch: only("node", "as"), component: lazyRouteComponent(() => import("../outside/map"), "MapScreen") });
const vendors = createRoute({ getParentRoute: () => app, path: "/vendors", validateSearch: only("vendor", "find", "edit"), component: lazyRouteComponent(() => import("../outside/vendors"), "VendorsScreen") });
const mentions = createRoute({ getParentRoute: () => app, path: "/mentions", validateSearch: only("tab", "state", "feed", "complaints", "find", "open", "ask", "edit"), component: lazyRouteComponent(() => import("../outside/mentions"), "MentionsScreen") });
const checks = createRoute({ getParentRoute: () => app, path: "/checks", validateSearch: only("check", "find", "edit"), component: lazyRouteComponent(() => import("../outside/checks"), "ChecksScreen") });
const customerHealth = createRoute({ getParentRoute: () => app, path: "/customers/health", validateSearch: only("customer", "due", "record"), component: lazyRouteComponent(() => import("../outside/health"), "HealthScreen") });
const people = createRoute({ getParentRoute: () => app, path: "/people", validateSearch: only("person", "find", "team", "edit"), component: lazyRouteComponent(() => import("../admin/people"), "PeopleScreen") });
const customers = createRoute({ getParentRoute: () => app, path: "/customers", validateSearch: only("vip", "region", "tier", "product", "risk", "find", "edit", "page", "customer", "import"), component: lazyRouteComponent(() => import("../admin/customers"), "CustomersScreen") });
const stakeholders = createRoute({ getParentRoute: () => app, path: "/stakeholders", validateSearch: only("stakeholder", "group", "find", "edit"), component: lazyRouteComponent(() => import("../customers/stakeholders"), "StakeholdersScreen") });
const inAppNotices = createRoute({ getParentRoute: () => app, path: "/in-app-notices", validateSearch: only("end"), component: lazyRouteComponent(() => import("../comms/inapp"), "InAppScreen") });
const procedure = createRoute({ getParentRoute: () => app, path: "/procedure", validateSearch: only("tab"), component: lazyRouteComponent(() => import("../admin/procedure"), "ProcedureScreen") });
const contacts = createRoute({ getParentRoute: () => app, path: "/me", component: lazyRouteComponent(() => import("../reach/contacts"), "ContactsScreen") });

const ways = createRoute({ getParentRoute: () => app, path: "/ways-in", validateSearch: only("service", "revoke"), component: lazyRouteComponent(() => import("../intake/ways"), "WaysScreen") });
const mapping = createRoute({ getParentRoute: () => app, path: "/ways-in/$id", component: lazyRouteComponent(() => import("../intake/mapping"), "MappingScreen") });

const setup = createRoute({ getParentRoute: () => app, path: "/ways-in/$id/setup", validateSearch: only("source"), component: lazyRouteComponent(() => import("../intake/setup"), "SetupScreen") });

// Without a session: whoever has the address may look.
const wall = createRoute({ getParentRoute: () => root, path: "/wall/$token", component: lazyRouteComponent(() => import("../command/wall"), "WallScreen") });

const tree = root.addChildren([signIn, wall, app.addChildren([now, incidents, incident, reviews, review, figures, credits, memo, ledger, alerts, tickets, limits, maintenance, statusPage, onCall, load, outbox, schedules, newSchedule, schedule, policies, newPolicy, policy, teams, team, services, serviceMap, vendors, mentions, checks, people, customers, customerHealth, stakeholders, inAppNotices, ways, mapping, setup, procedure, contacts])]);

export function newRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: () => <Loading rows={5} />,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} again={reset} />,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
