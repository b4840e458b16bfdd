// The search for the cause in the API's shapes: causes, options, decisions, the
// vault and what stands around an incident. Dev only.
import type { EvidenceFile, Hypothesis, InquiryFile, Probe, Proof, ServiceChange, SimilarIncident, Solution, TriagePanel, Workstream } from "../src/api/inquiry";
import type { Incident } from "../src/api/types";
import { nameOf } from "./catalogue.ts";
import { id } from "./story.ts";

type Body = Record<string, unknown>;
type Refusal = { status: number; title: string; detail: string; errors: { location: string; message: string }[] };

const named = (p: string) => ({ id: p, name: nameOf(p) });
const none: Proof = { text: "" };

function missing(s: Solution): Solution["missing"] {
  const out: Solution["missing"] = [];
  if (!s.risk) out.push({ part: "risk", what: "assess the risk first" });
  if (!s.plan) out.push({ part: "plan", what: "write the plan first, with a way back" });
  if (!s.test) out.push({ part: "test", what: "test it outside production, or have the commander waive that with a reason" });
  else if (s.test.result === "failed") out.push({ part: "test", what: "the test failed" });
  return out;
}

export class Inquiry {
  readonly file: InquiryFile;
  readonly evidence: EvidenceFile[] = [];

  constructor(private readonly now: () => number, story: boolean) {
    this.file = { hypotheses: [], decisions: [], workstreams: [], solutions: [], findings: [], updates: [], probes: [] };
    if (story) this.fill();
  }

  private at(minutes = 0): string {
    return new Date(this.now() - minutes * 60_000).toISOString();
  }

  private fill(): void {
    const f = this.file;
    const cause = (key: string, text: string, more: Partial<Hypothesis>): Hypothesis => ({ id: key, text, state: "open", evidence: none, by: named("ana"), at: this.at(14), ...more });
    f.hypotheses = [
      cause("h1", "The old session key is no longer valid since the rotation", { state: "ruled_out", judged_by: named("bo"), judged_at: this.at(9), evidence: { text: "Tokens signed before and after the rotation fail alike", links: [{ label: "Log search", url: "https://logs.example/q/8812" }], files: ["e1"] } }),
      cause("h2", "Deployment 4.18.0 of auth-gateway broke the token check", { at: this.at(12) }),
      cause("h3", "The cache of keys is empty after the start", { at: this.at(6), parent: "h2", by: named("platform-engineer-1") }),
    ];
    f.solutions = [
      this.option("s1", { title: "Roll back auth-gateway to 4.17.2", description: "In every region, one after the other", by: named("ana"), at: this.at(8), risk: { likelihood: "low", impact: "medium", blast_radius: "sessions that are open", reversibility: "easy" }, test: { result: "passed", environment: "staging", evidence: { text: "200 sign-ins in a row, with old and new sessions" } }, plan: { owner: "person:platform-engineer-1", steps: [{ text: "Set 4.17.2 in eu" }, { text: "Watch sign-ins for two minutes" }, { text: "The same in us, uk and apac", owner: "person:ana" }], rollback: ["Set 4.18.0 in every region"] } }),
      this.option("s2", { sort: "workaround", title: "Raise the session limit, so that nobody who is in drops out", by: named("bo"), at: this.at(7), risk: { likelihood: "medium", impact: "high", blast_radius: "memory of every node of the gateway", reversibility: "hard" }, test: { result: "failed", environment: "staging", evidence: { text: "Two of four nodes ran out of memory" } } }),
    ];
    f.workstreams = [
      { id: "w1", title: "Rollback", owner: "person:platform-engineer-1", state: "running", note: "Tested in staging, the plan is written", by: named("ana"), at: this.at(10) },
      { id: "w2", title: "Keys and their cache", owner: "team:platform", state: "blocked", note: "Waits for access to the vault of eu-2", by: named("ana"), at: this.at(9) },
    ];
    f.decisions = [{ id: "d1", sort: "technical", question: "Roll back or fix forward?", options: ["Fix the cache in 4.18.1"], choice: "Roll back to 4.17.2", rationale: "The errors began with it, and the way back takes two minutes", made_by: named("ana"), made_at: this.at(7), by: named("platform-engineer-1"), at: this.at(6) }];
    f.findings = [{ id: "x1", about: "security", result: "no_threat", evidence: { text: "No sign-ins from unusual places; the error is the same for every client" }, by: named("david.kim"), at: this.at(5) }];
    f.updates = [{ id: "u1", text: "The rollback is tested in staging and its plan is written", next: "Put it in, eu first, at 03:40", by: named("ana"), at: this.at(4) }];
    f.probes = [this.probe("p1", "failed", 3)];
    this.evidence.push({ id: "e1", name: "gateway-eu-2.log", media_type: "text/plain", size: 48_211, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", note: "03:00 to 03:10", about: "hypothesis:h1", by: "bo", at: this.at(10), url: "/api/v1/evidence/e1", custody: [{ what: "added", by: "bo", via: "console", at: this.at(10) }, { what: "read", by: "ana", via: "console", at: this.at(9) }] });
  }

  private option(key: string, more: Partial<Solution>): Solution {
    const s: Solution = { id: key, sort: "fix", title: "", state: "proposed", missing: [], by: named("ana"), at: this.at(), ...more };
    s.missing = missing(s);
    return s;
  }

  private probe(key: string, state: Probe["state"], minutes: number): Probe {
    const step = (address: string, name: "dns" | "tcp" | "tls" | "http", ms: number, failed = 0, more = {}) => ({ address, step: name, times: 5, failed, min_ms: ms * 0.8, median_ms: ms, p95_ms: ms * 1.6, max_ms: ms * 2.1, ...more });
    const [a, b] = ["https://auth.techflowsolutions.com/healthz", "sessions.internal:5432"];
    return {
      id: key, state, targets: [a!, b!], times: 5, by: named("ana"), at: this.at(minutes), done_at: state === "waiting" ? undefined : this.at(minutes - 0.1),
      results: state === "waiting" ? [] : [step(a!, "dns", 3.1), step(a!, "tcp", 11.4), step(a!, "tls", 24.8, 0, { certificate_until: this.at(-60 * 24 * 41) }), step(a!, "http", 1840, state === "failed" ? 3 : 0, state === "failed" ? { why: "503 Service Unavailable" } : {}), step(b!, "dns", 0.4), step(b!, "tcp", 0.9)],
    };
  }

  /** What is asked below an incident; undefined: something else is asked. */
  read(what: string, i: Incident): unknown {
    const list = (items: unknown[]) => ({ items, next_cursor: "" });
    const story = this.file.hypotheses.length > 0 && i.number === 42;
    switch (what) {
      case "inquiry": return this.file;
      case "evidence": return list(this.evidence);
      case "changes": return list(story ? this.changes() : []);
      case "triage": return this.triage(i, story);
      case "similar": return list(story ? this.similar() : []);
      case "probe-targets": return list(i.service.id === "auth" ? this.probe("", "ok", 0).targets.map((address) => ({ service: "auth", address })) : []);
    }
    return undefined;
  }

  private changes(): ServiceChange[] {
    return [
      { service: "auth", hops: 0, source: "github", summary: "Deploy auth-gateway 4.18.0 to production", origin: "ci", at: this.at(24), seconds_before: 320, links: [{ label: "Pull request 8817", url: "https://github.com/techflow/auth-gateway/pull/8817" }], details: { kind: "deployment", environment: "production", version: "4.18.0" } },
      { service: "auth", hops: 0, source: "ana", summary: "Session keys rotated", at: this.at(64), seconds_before: 2720, links: [], details: { kind: "configuration" } },
      { service: "api", hops: 1, source: "launchdarkly", summary: "Flag new-session-store is on for 10 %", at: this.at(180), seconds_before: 9680, links: [{ label: "The flag", url: "https://app.launchdarkly.com/flags/new-session-store" }], details: { kind: "feature_flag" } },
      { service: "auth", hops: 0, source: "github", summary: "Hotfix 4.18.1 started", at: this.at(9), seconds_before: -580, links: [] },
    ];
  }

  private triage(i: Incident, story: boolean): TriagePanel {
    const [from, until] = [this.now() - 79 * 60_000, this.now()];
    const series = (from0: number, to: number) => Array.from({ length: 60 }, (_, k) => ({ at: new Date(from + (k * (until - from)) / 59).toISOString(), value: k < 44 ? from0 + ((k * 7) % 5) * from0 * 0.04 : to + ((k * 11) % 7) * to * 0.02 }));
    return {
      from: new Date(from).toISOString(), until: new Date(until).toISOString(), services: story ? [i.service.id, "api"] : [i.service.id], correlated: story, more_metrics: false,
      signals: !story ? [] : [
        { kind: "status_page", id: "auth", name: "Sign-in", state: "major_outage", correlated: true },
        { kind: "monitor", id: "datadog", name: "datadog", state: "triggered", correlated: true, text: "auth: Sign-in error rate above 5 %", since: this.at(17) },
        { kind: "check", id: "sign-in", name: "Sign-in from outside", state: "down", correlated: true, text: "eu-west: 503 Service Unavailable", since: this.at(18) },
        { kind: "vendor", id: "northstar", name: "Northstar Cloud", state: "ok", correlated: false },
      ],
      metrics: !story ? [] : [
        { rule: "error-rate", name: "Error rate", unit: "%", service: "auth", limit: 5, word: "above", passed: true, points: series(0.6, 61) },
        { rule: "response", name: "Response time", unit: "ms", service: "auth", limit: 2000, word: "above", passed: false, points: series(180, 240) },
        { rule: "cpu", name: "Processor", unit: "%", service: "api", limit: 90, word: "above", passed: false, points: series(38, 31) },
      ],
      links: story ? [{ service: "auth", name: "Grafana", url: "https://grafana.example/d/auth?from=now-1h" }, { service: "auth", name: "Logs", url: "https://logs.example/q?service=auth" }, { service: "api", name: "Grafana", url: "https://grafana.example/d/api?from=now-1h" }] : [],
    };
  }

  private similar(): SimilarIncident[] {
    return [
      { incident: "INC-40", number: 40, service: "auth", title: "Sign-in slow after a deployment", cause: "The cache of keys was cold in two regions", solutions: [this.option("s9", { state: "applied", title: "Warm the cache of keys before traffic", description: "Send 500 sign-ins of the test tenant to each region" })], ended_at: this.at(60 * 24 * 33), score: 4.2 },
      { incident: "INC-39", number: 39, service: "auth", title: "Sign-in fails in one region", reason: "The certificate of the gateway was renewed", solutions: [], ended_at: this.at(60 * 24 * 120), score: 2.1 },
    ];
  }

  /** What is written below an incident; undefined: something else is asked. */
  write(what: string, body: Body): unknown {
    const by = named("ana"), at = this.at(), f = this.file, key = id();
    switch (what) {
      case "hypotheses": return this.keep(f.hypotheses, { id: key, text: String(body["text"]), parent: body["parent"] as string | undefined, state: "open", evidence: none, by, at });
      case "decisions":
        if (!body["rationale"]) return refuse(422, "something is missing or wrong", [{ location: "body.rationale", message: "say why: a decision without its reason cannot be reviewed" }]);
        return this.keep(f.decisions, { id: key, options: [], made_by: by, made_at: at, by, at, ...body } as never);
      case "workstreams": return this.keep(f.workstreams, { id: key, by, at, ...body } as never);
      case "technical-updates": return this.keep(f.updates, { id: key, by, at, ...body } as never);
      case "findings": return this.keep(f.findings, { id: key, by, at, ...body } as never);
      case "solutions": return this.keep(f.solutions, this.option(key, body as Partial<Solution>));
      case "probes": {
        const p = this.keep(f.probes, this.probe(key, "waiting", 0));
        setTimeout(() => Object.assign(p, this.probe(key, "ok", 0)), 400);
        return p;
      }
      case "evidence": return this.keep(this.evidence, { id: key, name: String(body["name"] ?? "file"), media_type: "text/plain", size: Number(body["size"] ?? 0), sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", about: body["about"] as string | undefined, note: body["note"] as string | undefined, by: "ana", at, url: `/api/v1/evidence/${key}`, custody: [{ what: "added", by: "ana", via: "console", at }] });
    }
    return undefined;
  }

  private keep<T>(all: T[], one: T): T {
    all.push(one);
    return one;
  }

  /** What is done to an entry: /hypotheses/{id}/confirm, /solutions/{id}/plan ... */
  change(kind: string, key: string, verb: string, body: Body): unknown {
    const by = named("ana"), at = this.at();
    if (kind === "hypotheses") {
      const h = this.file.hypotheses.find((x) => x.id === key);
      return h && Object.assign(h, { state: verb === "confirm" ? "confirmed" : verb === "reopen" ? "open" : "ruled_out", evidence: body, judged_by: by, judged_at: at });
    }
    if (kind === "workstreams") {
      const w: Workstream | undefined = this.file.workstreams.find((x) => x.id === key);
      return w && Object.assign(w, body, { changed_at: at });
    }
    const s = this.file.solutions.find((x) => x.id === key);
    if (!s) return undefined;
    if (verb === "plan" && ((body["rollback"] as string[] | undefined) ?? []).length === 0) return refuse(422, "something is missing or wrong", [{ location: "body.rollback", message: "say how it is taken back: there is no plan without a way back" }]);
    if (verb === "approve" && s.missing.length > 0) return refuse(409, "the solution cannot be approved yet", s.missing.map((m) => ({ location: m.part, message: m.what })));
    if (verb === "risk" || verb === "test" || verb === "plan") Object.assign(s, { [verb]: body, state: "proposed" });
    else Object.assign(s, verb === "approve" ? { state: "approved", judged_by: by, judged_at: at } : verb === "reject" ? { state: "rejected", reason: body["reason"], judged_by: by, judged_at: at } : { state: "applied", applied_by: by, applied_at: at, outcome: body["outcome"] });
    s.missing = missing(s);
    return s;
  }
}

const refuse = (status: number, detail: string, errors: Refusal["errors"]): Refusal => ({ status, title: status === 409 ? "Conflict" : "Unprocessable Entity", detail, errors });
export const refused = (x: unknown): x is Refusal => typeof x === "object" && x !== null && "errors" in x && "detail" in x;
