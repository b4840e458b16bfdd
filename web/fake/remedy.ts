// Recovery, runs of actions, and cases with partners, in the API's shapes. Dev
// only.
import type { ActionChoice, ActionRun, Partner, PartnerCase, RecoveryBoard } from "../src/api/remedy";
import { services } from "./catalogue.ts";
import type { Whole } from "./story.ts";

export function recoveryOf(w: Whole, now: number): RecoveryBoard {
  const i = w.incident;
  const of = (id: string, state: RecoveryBoard["services"][number]["state"], before: string[] = [], worker?: string) => {
    const s = services.find((x) => x.id === id)!;
    return { service: id, name: s.name, rank: s.restoration_rank ?? 9, state, before, worker };
  };
  const at = Date.parse(i.detected_at) - 60_000;
  return { incident: i.ref, target_time: new Date(Math.min(at, now)).toISOString(), services: i.number === 42 ? [of("auth", "down"), of("dashboard", "in_work", ["auth"], "bo"), of("api", "restored")] : [of(i.service.id, "down")] };
}

export function runsOf(now: number): ActionRun[] {
  const at = (m: number) => new Date(now - m * 60_000).toISOString();
  const run = (id: string, more: Partial<ActionRun>): ActionRun => ({ id, incident: "INC-42", action: "rollback", name: "Roll auth-gateway back", type: "app-rollback", state: "requested", lane: "runner", values: { VERSION: "4.17.2" }, dry_run: false, drill: false, by: "platform-engineer-1", at: at(3), needs: 1, missing: 1, approvals: [], seconds: 0, ending: false, others: false, output_bytes: 0, output_cut: false, ...more });
  return [
    run("run5", { ...dns, state: "requested", by: "platform-engineer-1", at: at(1), reason: "The origin in Frankfurt is under attack", effect: "The name answers with the new content within seconds where it is proxied, else when its time to live is over." }),
    run("run4", { action: "crowdstrike.contain_host", name: "Cut a machine off the network", type: "custom", lane: "vendor", others: true, values: { HOST: "build-7" }, state: "succeeded", missing: 0, approvals: [{ by: "bo", role: "technical_lead", at: at(2) }], at: at(2), seconds: 1, runner: "the server", why: "contain is under way", tail: "contain is under way\nreference: 9b1d8f00aa11bb22cc33dd44ee55ff66", undo: { action: "crowdstrike.lift_containment", values: { HOST: "build-7" } } }),
    run("run3", { reason: "The errors began with 4.18.0" }),
    run("run2", { dry_run: true, state: "succeeded", needs: 0, missing: 0, at: at(5), seconds: 12, runner: "runner-1", tail: "would set auth-gateway from 4.18.0 to 4.17.2 in us, eu, uk, apac\n4 of 4 regions have the image" }),
    run("run1", { name: "Smoke suite of sign-in", type: "smoke", lane: "server", values: {}, state: "failed", needs: 0, missing: 0, at: at(9), seconds: 31, why: "sign-in answered 503 in 4 of 4 regions" }),
  ];
}

const dns = { action: "cloudflare.point_dns_record", name: "Point a DNS record elsewhere", type: "custom", lane: "vendor", others: true, values: { ZONE: "023e105f4ecef8ad9ca31a8372d0c353", RECORD: "372e67954025e0ba6aaa6d586b9e0b59", CONTENT: "198.51.100.20" } } as const;

export function actionsOf(): ActionChoice[] {
  return [{ id: "rollback", name: "Roll auth-gateway back", type: "app-rollback", service: "auth", description: "Sets the former version in every region, one after the other.", parameters: [{ name: "VERSION", label: "To version", required: true }], takes: ["VERSION"], dry_run: true, needs: 1, lane: "runner", helps: true, others: false },
    { id: dns.action, name: dns.name, type: "custom", description: "The name answers with the new content within seconds where it is proxied, else when its time to live is over.", parameters: ["Zone", "Record", "Content"].map((label) => ({ name: label.toUpperCase(), label, required: true })), takes: ["ZONE", "RECORD", "CONTENT"], dry_run: true, needs: 1, lane: "vendor", helps: false, others: true },
  ];
}

export function casesOf(now: number): PartnerCase[] {
  const at = (m: number) => new Date(now - m * 60_000).toISOString();
  const one = (id: string, more: Partial<PartnerCase>): PartnerCase => ({ id, incident: "INC-42", partner: "cloudflare", kind: "support", state: "open", subject: "INC-42 Sign-in fails for all users", asked_by: "sarah.liu", asked_at: at(8), notes: [], ...more });
  return [
    one("c1", { number: "CF-88123", told: "being worked on", notes: [{ at: at(4), by: "ana", text: "They see no change of cache rules", privileged: false }] }),
    one("c2", { partner: "aws", state: "to_open", problem: "no integration is set up for it", due_at: new Date(now + 20 * 60_000).toISOString() }),
  ];
}

export function partnersOf(): Partner[] {
  return [
    { id: "cloudflare", name: "Cloudflare", role: "network", for: "edge and cache", support_plan: "Enterprise", phone: "+15550107001", portal_url: "https://dash.cloudflare.com/support", hours: "always", ready: true, asks: [] },
    { id: "aws", name: "Amazon Web Services", role: "infrastructure", for: "computing and databases", support_plan: "Business", contract: "4417-2291", portal_url: "https://console.aws.amazon.com/support", escalation: "Ask for the technical account manager, then the duty manager.", ready: false, asks: [] },
  ] as unknown as Partner[];
}
