// How the cause is looked for: what the Investigation tab reads and does. Beside
// the other calls and in the tab's own chunk, so that the first load does not carry it.
import { queryOptions } from "@tanstack/react-query";
import { call, get, newKey, post, Problem, Unreachable, url } from "./client";
import { items } from "./queries";
import type { components } from "./schema";
import type { Page } from "./types";

type Schemas = components["schemas"];
export type InquiryFile = Schemas["InquiryFile"];
export type Hypothesis = Schemas["Hypothesis"];
export type Decision = Schemas["InquiryDecision"];
export type Workstream = Schemas["Workstream"];
export type Solution = Schemas["SolutionOption"];
export type Finding = Schemas["InquiryFinding"];
export type Probe = Schemas["NetworkProbe"];
export type Measure = Schemas["ProbeMeasure"];
export type Proof = Schemas["Proof"];
export type ServiceChange = Schemas["ServiceChange"];
export type SimilarIncident = Schemas["SimilarIncident"];
export type TriagePanel = Schemas["TriagePanel"];
export type TriageSignal = Schemas["TriageSignal"];
export type TriageMetric = Schemas["TriageMetric"];
export type EvidenceFile = Schemas["EvidenceFile"];
export type ProbeTarget = Schemas["ProbeTarget"];

const at = (n: number, rest: string) => `/incidents/${n}${rest}`;
const entry = (kind: string, id: string, rest = "") => `/${kind}/${encodeURIComponent(id)}${rest}`;
const put = <T>(path: string, body: unknown) => call<T>("PUT", path, { body });

export const inquiry = {
  suppose: (n: number, h: Schemas["NewHypothesis"]) => post<Hypothesis>(at(n, "/hypotheses"), h),
  judge: (id: string, verb: "confirm" | "rule-out" | "reopen", p: Proof) => post<Hypothesis>(entry("hypotheses", id, `/${verb}`), p),
  decide: (n: number, d: Schemas["NewDecision"]) => post<Decision>(at(n, "/decisions"), d),
  begin: (n: number, w: Schemas["WorkstreamFields"]) => post<Workstream>(at(n, "/workstreams"), w),
  move: (id: string, w: Schemas["WorkstreamFields"]) => put<Workstream>(entry("workstreams", id), w),
  inform: (n: number, u: Schemas["NewTechnicalUpdate"]) => post<unknown>(at(n, "/technical-updates"), u),
  find: (n: number, f: Schemas["NewFinding"]) => post<Finding>(at(n, "/findings"), f),
  propose: (n: number, s: Schemas["NewSolution"]) => post<Solution>(at(n, "/solutions"), s),
  assess: (id: string, r: Schemas["SolutionRisk"]) => put<Solution>(entry("solutions", id, "/risk"), r),
  tested: (id: string, t: Schemas["SolutionTest"]) => put<Solution>(entry("solutions", id, "/test"), t),
  plan: (id: string, p: Schemas["RemediationPlan"]) => put<Solution>(entry("solutions", id, "/plan"), p),
  approve: (id: string) => post<Solution>(entry("solutions", id, "/approve")),
  reject: (id: string, reason: string) => post<Solution>(entry("solutions", id, "/reject"), { reason }),
  apply: (id: string, outcome: string) => post<Solution>(entry("solutions", id, "/apply"), outcome ? { outcome } : {}),
  probe: (n: number, p: Schemas["NewProbe"]) => post<Probe>(at(n, "/probes"), p),
};

// What is measured around changes by itself and costs the server a look at many
// tables: it is read once a minute, not with each line of the timeline.
const slowly = { staleTime: 30_000, refetchInterval: 60_000 } as const;

export const iq = {
  file: (n: number) => queryOptions({ queryKey: ["incident", n, "inquiry"], queryFn: () => get<InquiryFile>(at(n, "/inquiry")) }),
  evidence: (n: number) => queryOptions({ queryKey: ["incident", n, "evidence"], queryFn: () => get<Page<EvidenceFile>>(at(n, "/evidence"), { limit: 500 }), select: items }),
  changes: (n: number) => queryOptions({ queryKey: ["around", n, "changes"], queryFn: () => get<Page<ServiceChange>>(at(n, "/changes"), { limit: 100 }), select: items, ...slowly }),
  triage: (n: number) => queryOptions({ queryKey: ["around", n, "triage"], queryFn: () => get<TriagePanel>(at(n, "/triage")), ...slowly }),
  similar: (n: number) => queryOptions({ queryKey: ["around", n, "similar"], queryFn: () => get<Page<SimilarIncident>>(at(n, "/similar")), select: items, staleTime: 300_000 }),
  targets: (n: number) => queryOptions({ queryKey: ["around", n, "targets"], queryFn: () => get<Page<ProbeTarget>>(at(n, "/probe-targets"), { limit: 100 }), select: items, staleTime: 60_000 }),
};

/** What the server takes; it refuses more itself, after the whole way up. */
export const mostBytes = 25_000_000;

/** Sends a file to the vault and tells how far it is, from 0 to 1. fetch cannot say that of a body it sends. */
export function upload(n: number, file: Blob & { name?: string }, about: { name: string; note?: string; about?: string }, onSent: (share: number) => void, signal?: AbortSignal): Promise<EvidenceFile> {
  return new Promise((done, failed) => {
    const x = new XMLHttpRequest();
    x.open("POST", url(at(n, "/evidence"), { name: about.name, note: about.note, about: about.about }));
    x.setRequestHeader("Accept", "application/json");
    x.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    x.setRequestHeader("Idempotency-Key", newKey());
    x.responseType = "text";
    x.upload.onprogress = (e) => e.lengthComputable && onSent(e.total > 0 ? e.loaded / e.total : 1);
    x.onerror = x.ontimeout = () => failed(new Unreachable());
    x.onabort = () => failed(new DOMException("taken back", "AbortError"));
    x.onload = () => {
      let said: unknown;
      try {
        said = JSON.parse(x.responseText);
      } catch {
        failed(new Unreachable());
        return;
      }
      const p = said as { title?: string; detail?: string; errors?: Problem["errors"] };
      if (x.status >= 400) failed(new Problem(x.status, p.title ?? x.statusText, p.detail ?? "", p.errors ?? []));
      else done(said as EvidenceFile);
    };
    signal?.addEventListener("abort", () => x.abort());
    x.send(file);
  });
}
