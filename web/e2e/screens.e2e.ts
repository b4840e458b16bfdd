// Every screen in both sizes and both schemes, on the built bundle with the fake
// API: pictures, axe, no sideways scroll, no console error.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeApi } from "../fake/api";
import { accessible, fits, launch, looks, open, picture, readable, turn } from "./browser";
import { listen } from "./serve";

let browser: Browser;
let fire: Awaited<ReturnType<typeof listen>>;
let calm: Awaited<ReturnType<typeof listen>>;
let out: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const burning = new FakeApi();
  burning.handle("POST", "/incidents/41/snooze", new URLSearchParams(), { for: "2h", reason: "the vendor calls back at four" });
  burning.enqueue("Card payments are declined for everybody", "api");
  burning.handle("POST", "/incidents/41/resolve", new URLSearchParams(), { reason: "The export workers were restarted" });
  burning.handle("POST", "/incidents/41/in-app/skip", new URLSearchParams(), { reason: "Only nightly exports fail: nobody who works in the product meets it" });
  burning.handle("POST", "/incidents/41/reopen", new URLSearchParams(), { reason: "Exports fail again in Frankfurt" });
  [fire, calm, out, browser] = await Promise.all([listen(burning), listen(new FakeApi({ story: "calm" })), listen(new FakeApi({ signedIn: false })), launch()]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), fire?.close(), calm?.close(), out?.close()]);
});

/** Asks for what the API refuses: the mistakes stand at their fields. */
async function wrongPolicy(page: Page): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("Payments");
  await page.getByRole("button", { name: "Days and hours" }).click();
  await page.getByLabel("Step 1 pages after").fill("soon");
  await page.getByLabel("Page again every").fill("often");
  await page.getByRole("button", { name: "Create policy" }).filter({ visible: true }).click();
}

/** Asks why an alert paged. */
async function askWhy(page: Page): Promise<void> {
  await page.getByRole("link", { name: /^Why\?/ }).first().click();
}

/** Tries the sample of a source. */
async function trySample(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try it" }).click();
}

/** Sends a test event by a key. */
async function sendTest(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Send it" }).click();
}

/** Opens the task that is asked for first. */
async function askTask(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Write down the first findings/ }).first().click();
}

/** Approves an option whose test failed: what it waits for is said in its place. */
async function approveTooEarly(page: Page): Promise<void> {
  await page.locator("[data-option=s2]").getByRole("button", { name: "Approve" }).click();
}

/** A plan that says nothing of how it is taken back. */
async function noWayBack(page: Page): Promise<void> {
  await page.getByLabel("How is it put in?").fill("Raise the limit to 40,000");
  await page.getByRole("button", { name: "Save the plan" }).click();
}

/** Sees the text as it will leave. */
async function preview(page: Page): Promise<void> {
  await page.getByLabel("Subject").fill("Sign-in works for most of you again");
  await page.getByLabel("Text", { exact: true }).fill("Hello {{name}}, four of five sign-ins work again. We are working on the rest and write again at 10:30 UTC.");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("3,612 readers").or(page.getByRole("button", { name: /^E-mail/ })).first().waitFor();
  await page.getByRole("button", { name: /^E-mail/ }).click();
  await page.locator("summary", { hasText: "3,612 readers" }).click();
  await page.getByText("Marta Weiss").last().scrollIntoViewIfNeeded();
}

/** Opens the text to be read before it goes out. */
async function publish(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Approve and publish" }).first().click();
}

async function reads(page: Page): Promise<void> {
  await page.getByText("Told by hand").first().scrollIntoViewIfNeeded();
  await page.locator("summary", { hasText: "What to say" }).first().click();
}

/** Corrects what was published. */
async function correct(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Correct / }).first().click();
}

/** Asks what a file of customers would change. */
async function tryImport(page: Page): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({ name: "customers.csv", mimeType: "text/csv", buffer: Buffer.from("external_id,name,tier\nN-1,Northwind,enterprise\n") });
  await page.getByRole("button", { name: "Show what it changes" }).click();
}

async function writePlan(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Write the plan" }).click();
}

/** Asks for a plan that the API refuses: the mistake stands at its field. */
async function wrongPlan(page: Page): Promise<void> {
  await page.getByLabel("Within of plan 1").fill("soon");
  await page.getByRole("button", { name: "Save" }).click();
}

async function useWay(page: Page): Promise<void> {
  await page.getByRole("combobox", { name: "Which way" }).click();
  await page.getByRole("option", { name: /^Read-only mode/ }).click();
}

async function takeIn(page: Page): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({ name: "readers.csv", mimeType: "text/csv", buffer: Buffer.from("email\nmia@reader.example\n") });
  await page.getByRole("button", { name: "Import and ask each" }).click();
}

/** Asks to forget an address that nobody has: it says so at the field. */
async function forgetNobody(page: Page): Promise<void> {
  await page.getByRole("textbox", { name: "Address" }).fill("nobody@northwind.example");
  await page.getByRole("button", { name: "Forget it" }).click();
}

/** Makes a key, whose secret is shown this once. */
async function makeKey(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Make the key" }).click();
}

/** before: what is done before it is waited for; the API may refuse it. */
const screens: { name: string; path: string; server?: "calm" | "out"; before?: (page: Page) => Promise<void>; wait: string; refused?: boolean }[] = [
  { name: "sign-in", path: "/sign-in", server: "out", wait: "text=Sign in" },
  { name: "now", path: "/", wait: "text=nobody has taken" },
  { name: "now-calm", path: "/", server: "calm", wait: "text=All clear" },
  { name: "incident", path: "/incidents/INC-42", wait: "text=In the room" },
  { name: "incident-suspected", path: "/incidents/INC-43", wait: "text=Nobody has taken it yet" },
  { name: "incident-back", path: "/incidents/INC-41", wait: "text=It came back" },
  { name: "incident-snoozed", path: "/incidents/INC-41", wait: "text=Wake now" },
  { name: "incident-tasks", path: "/incidents/INC-42?tab=tasks", wait: "css=#phase-INV-TRI" },
  { name: "incident-messages", path: "/incidents/INC-42?tab=messages", wait: "text=Holding statement" },
  { name: "dialog-compose", path: "/incidents/INC-42?tab=messages&do=update", wait: "text=Begin with" },
  { name: "incident-messages-desk", path: "/incidents/INC-42?tab=messages", before: reads, wait: "text=you may not be able to use it" },
  { name: "dialog-compose-proof", path: "/incidents/INC-42?tab=messages&do=update", before: preview, wait: "text=marta.weiss@customer-0001.example" },
  { name: "dialog-publish", path: "/incidents/INC-42?tab=messages", before: publish, wait: "text=Not now, but at" },
  { name: "dialog-correct", path: "/incidents/INC-42?tab=messages", before: correct, wait: "text=It was wrong altogether" },
  { name: "dialog-outcome", path: "/incidents/INC-42?tab=messages&do=outcome&entry=c2", wait: "text=What the customer said" },
  { name: "dialog-posted", path: "/incidents/INC-42?tab=messages&do=outcome&entry=c4", wait: "text=Write down" },
  { name: "dialog-press", path: "/incidents/INC-42?tab=messages&do=press", wait: "text=Outlet or firm" },
  { name: "incident-pages", path: "/incidents/INC-42?tab=pages", wait: "text=could not be reached, text=answered" },
  { name: "incident-alerts", path: "/incidents/INC-42?tab=alerts", wait: "text=14 tickets" },
  { name: "incident-clocks", path: "/incidents/INC-42?tab=clocks", wait: "text=What ended it" },
  { name: "incident-lanes", path: "/incidents/INC-42?tab=lane", wait: "text=The same as a table" },
  { name: "incident-investigation", path: "/incidents/INC-42?tab=investigation", wait: "text=Two possible causes are open" },
  { name: "incident-investigation-empty", path: "/incidents/INC-41?tab=investigation", wait: "text=No possible cause has been named yet" },
  { name: "incident-investigation-refused", path: "/incidents/INC-42?tab=investigation", before: approveTooEarly, wait: "text=cannot be approved yet" },
  { name: "dialog-cause", path: "/incidents/INC-42?tab=investigation&do=cause", wait: "text=What could be the cause?" },
  { name: "dialog-confirm", path: "/incidents/INC-42?tab=investigation&do=confirm&entry=h2", wait: "text=What speaks for it?" },
  { name: "dialog-plan", path: "/incidents/INC-42?tab=investigation&do=plan&entry=s2", before: noWayBack, wait: "text=there is no plan without a way back" },
  { name: "dialog-risk", path: "/incidents/INC-42?tab=investigation&do=risk&entry=s2", wait: "text=What could go wrong?" },
  { name: "dialog-tested", path: "/incidents/INC-42?tab=investigation&do=tested&entry=s1", wait: "text=How was it tested?" },
  { name: "dialog-decision", path: "/incidents/INC-42?tab=investigation&do=decision", wait: "text=Instead of what?" },
  { name: "dialog-finding", path: "/incidents/INC-42?tab=investigation&do=finding", wait: "text=Where was it tried?" },
  { name: "dialog-measure", path: "/incidents/INC-42?tab=investigation&do=measure", wait: "text=Measure the way to the service" },
  { name: "dialog-evidence", path: "/incidents/INC-42?tab=investigation&do=evidence", wait: "text=or drop it here" },
  { name: "incident-board", path: "/incidents/INC-42?tab=board", wait: "text=Roll back auth-gateway to 4.17.2" },
  { name: "incident-board-mine", path: "/incidents/INC-42?tab=board&cut=mine", wait: "text=Write down the first findings" },
  { name: "incident-room", path: "/incidents/INC-42?tab=room", wait: "text=every conference room is taken" },
  { name: "incident-recovery", path: "/incidents/INC-42?tab=recovery", wait: "text=comes first and is not restored" },
  { name: "incident-partners", path: "/incidents/INC-42?tab=partners", wait: "text=How to reach them" },
  { name: "dialog-run", path: "/incidents/INC-42?tab=recovery&do=run", wait: "text=Run an action" },
  { name: "dialog-ask", path: "/incidents/INC-42?tab=partners&do=ask", wait: "text=What do you need from them?" },
  { name: "incident-messages-skipped", path: "/incidents/INC-41?tab=messages", wait: "text=Users are not told in the product" },
  { name: "dialog-skip", path: "/incidents/INC-42?tab=messages&do=skip", wait: "text=Mail and the other channels go as before" },
  { name: "dialog-way", path: "/incidents/INC-42?tab=impact&do=way", before: useWay, wait: "text=How we switch it on" },
  { name: "dialog-way-end", path: "/incidents/INC-42?tab=impact&do=way-end&entry=w2", wait: "text=is not available any more" },
  { name: "incident-impact-ways", path: "/incidents/INC-41?tab=impact", wait: "text=The catalogue knows no other way" },
  { name: "incident-impact", path: "/incidents/INC-42?tab=impact", wait: "text=Their yearly revenue" },
  { name: "wall", path: "/wall/42", wait: "text=renewed every five seconds" },
  { name: "wall-ended", path: "/wall/0", wait: "text=This board has ended", refused: true },
  { name: "incident-all", path: "/incidents/INC-42?show=all", wait: "text=In the room" },
  { name: "dialog-resolve", path: "/incidents/INC-42?do=resolve", wait: "text=Still open before resolving" },
  { name: "dialog-update", path: "/incidents/INC-42?do=update", wait: "text=Status page says" },
  { name: "dialog-escalate", path: "/incidents/INC-42?do=escalate", wait: "text=What do you need" },
  { name: "dialog-scope", path: "/incidents/INC-42?do=scope", wait: "text=What does it mean for the business?" },
  { name: "dialog-brief", path: "/incidents/INC-42?do=brief", wait: "text=Still empty" },
  { name: "dialog-role", path: "/incidents/INC-42?do=role", wait: "text=Theirs to do" },
  { name: "dialog-findings", path: "/incidents/INC-42?do=findings", wait: "text=What do you know so far?" },
  { name: "dialog-card", path: "/incidents/INC-42?do=card", wait: "text=What is to be done?" },
  { name: "dialog-task", path: "/incidents/INC-42?tab=tasks", before: askTask, wait: "text=Evidence, or why it does not apply" },
  { name: "dialog-wall", path: "/incidents/INC-42?do=wall", wait: "text=It ends after" },
  { name: "dialog-breakout", path: "/incidents/INC-42?tab=room&do=breakout", wait: "text=What is it for?" },
  { name: "dialog-severity", path: "/incidents/INC-41?do=severity", wait: "text=Running for" },
  { name: "dialog-snooze", path: "/incidents/INC-42?do=snooze", wait: "text=For how long?" },
  { name: "dialog-wake", path: "/incidents/INC-41?do=wake", wait: "text=pages anew from its first step" },
  { name: "declare", path: "/?do=declare", wait: "text=What is broken" },
  { name: "incidents", path: "/incidents", wait: "text=INC-42" },
  { name: "alerts", path: "/alerts", wait: "text=14 tickets" },
  { name: "alerts-why", path: "/alerts", before: askWhy, wait: "text=A P1 pages." },
  { name: "figures", path: "/figures", wait: "text=Promises kept" },
  { name: "figures-behind", path: "/figures?kpi=mttr_resolution&length=quarter", wait: "text=Mean to the proven end of impact" },
  { name: "figures-calm", path: "/figures", server: "calm", wait: "text=nothing yet to measure a target by" },
  { name: "limits", path: "/limits", wait: "text=watched by sharper limits" },
  { name: "limits-calm", path: "/limits", server: "calm", wait: "text=keeps its limits" },
  { name: "maintenance", path: "/maintenance", wait: "text=Certificates are renewed" },
  { name: "maintenance-calm", path: "/maintenance", server: "calm", wait: "text=No maintenance is planned" },
  { name: "maintenance-new", path: "/maintenance?do=new", wait: "text=Whose alerts are expected, text=Those that stand when it begins" },
  { name: "maintenance-tell", path: "/maintenance?tell=m1", wait: "text=Plain words for people outside" },
  { name: "status-page", path: "/status-page", wait: "text=Log-in page, single sign-on" },
  { name: "status-page-calm", path: "/status-page", server: "calm", wait: "text=services by their public names" },
  { name: "status-page-look", path: "/status-page?ask=look", wait: "text=For everybody else" },
  { name: "status-page-edit", path: "/status-page?edit=exports", wait: "text=Only while something is wrong" },
  { name: "status-page-subscribers", path: "/status-page?tab=subscribers", wait: "text=operations@northwind.example" },
  { name: "status-page-subscribers-calm", path: "/status-page?tab=subscribers", server: "calm", wait: "text=Readers subscribe on the status page" },
  { name: "dialog-readers-import", path: "/status-page?tab=subscribers&ask=import", wait: "text=Each of them has agreed" },
  { name: "dialog-readers-imported", path: "/status-page?tab=subscribers&ask=import", before: takeIn, wait: "text=addresses are asked whether" },
  { name: "dialog-readers-forget", path: "/status-page?tab=subscribers&ask=forget", before: forgetNobody, wait: "text=Nobody subscribed with this address" },
  { name: "dialog-subscriber", path: "/status-page?tab=subscribers&open=s3", wait: "text=End it and forget the address" },
  { name: "status-page-following", path: "/status-page?tab=following", wait: "text=waits for you" },
  { name: "dialog-following", path: "/status-page?tab=following&ask=rules", wait: "text=What an alert makes of its component" },
  { name: "dialog-following-set", path: "/status-page?tab=following&ask=set&open=auth", wait: "text=The page shows" },
  { name: "maintenance-end", path: "/maintenance?end=m1", wait: "text=still stand page at once" },
  { name: "tickets", path: "/tickets", wait: "text=The whole site is down for us" },
  { name: "tickets-calm", path: "/tickets", server: "calm", wait: "text=No ticket waits" },
  { name: "tickets-open", path: "/tickets?state=all&open=0pmw5r5w00g04", wait: "text=3 other customers say it too" },
  { name: "tickets-escalate", path: "/tickets?open=0pmw5r5w00g02&ask=escalate", wait: "text=engineering on call is paged" },
  { name: "on-call", path: "/on-call", wait: "text=Secondary >> visible=true" },
  { name: "load", path: "/on-call/load", wait: "text=an equal share" },
  { name: "load-90", path: "/on-call/load?days=90&by=pages", wait: "text=an equal share" },
  { name: "outbox-delivery", path: "/outbox?incident=42&kind=page", wait: "text=not delivered" },
  { name: "outbox", path: "/outbox", wait: "text=accepted" },
  { name: "schedules", path: "/schedules", wait: "text=Duty executive" },
  { name: "schedule", path: "/schedules/primary", wait: "text=Time on call" },
  { name: "schedule-new", path: "/schedules/new", wait: "text=stands here before you save" },
  { name: "schedule-document", path: "/schedules/primary?view=document", wait: "text=Time on call" },
  { name: "policies", path: "/policies", wait: "text=Front door" },
  { name: "policies-calm", path: "/policies", server: "calm", wait: "text=Front door" },
  { name: "policy", path: "/policies/front-door", wait: "text=Services that follow it" },
  { name: "policy-narrow", path: "/policies/exports", wait: "text=Services that follow it" },
  { name: "policy-chain", path: "/policies/P1", wait: "text=Read it in the procedure" },
  { name: "policy-new", path: "/policies/new", wait: "text=Services that follow it" },
  { name: "policy-wrong", path: "/policies/new", before: wrongPolicy, wait: "text=things are not right yet" },
  { name: "teams", path: "/teams", wait: "text=Application Engineers" },
  { name: "team", path: "/teams/platform", wait: "text=Services it owns" },
  { name: "form-team", path: "/teams/platform?edit=platform", wait: "text=What it looks after" },
  { name: "form-team-new", path: "/teams?do=new", wait: "text=It cannot be changed later" },
  { name: "form-person", path: "/people?edit=ana", wait: "text=Place in the procedure" },
  { name: "form-service", path: "/services?edit=dashboard", wait: "text=How serious it is" },
  { name: "form-customer-new", path: "/customers?do=new", wait: "text=What it uses" },
  { name: "dialog-private-page", path: "/customers?page=customer-0001", wait: "text=techflowsolutions.com/t/" },
  { name: "ways", path: "/ways-in", wait: "text=In-house batch checks" },
  { name: "ways-new", path: "/ways-in?do=new", wait: "text=Shared secret" },
  { name: "ways-setup", path: "/ways-in/k2/setup?source=grafana", before: trySample, wait: "text=What the intake would take" },
  { name: "ways-setup-sent", path: "/ways-in/k2/setup?source=datadog", before: sendTest, wait: "text=arrived" },
  { name: "ways-setup-signed", path: "/ways-in/k2/setup?source=cloudwatch", wait: "text=A sample cannot be tried" },
  { name: "mapping", path: "/ways-in/k3", wait: "text=disk-17" },
  { name: "services", path: "/services", wait: "text=Authentication" },
  { name: "map", path: "/services/map?as=map", wait: "text=stand on it, text=services stand" },
  { name: "map-chosen", path: "/services/map?as=map&node=vendor:northstar", wait: "text=What suffers with it" },
  { name: "map-table", path: "/services/map?as=table&node=service:auth", wait: "text=What suffers with it" },
  { name: "map-calm", path: "/services/map", server: "calm", wait: "text=nothing to draw yet" },
  { name: "vendors", path: "/vendors?vendor=northstar", wait: "text=Object storage answers slowly" },
  { name: "vendors-calm", path: "/vendors", server: "calm", wait: "text=No vendor is known yet" },
  { name: "form-vendor", path: "/vendors?edit=northstar", wait: "text=What stands on it" },
  { name: "checks", path: "/checks?check=sign-in", wait: "text=95 % within" },
  { name: "checks-calm", path: "/checks", server: "calm", wait: "text=Nothing is asked from outside yet" },
  { name: "form-check-new", path: "/checks?do=new", wait: "text=When it counts" },
  { name: "mentions", path: "/mentions?open=0pmw7m7w00g10", wait: "text=3 points" },
  { name: "mentions-calm", path: "/mentions", server: "calm", wait: "text=Nobody is listening yet" },
  { name: "mentions-feeds", path: "/mentions?tab=feeds", wait: "text=the answer is not a feed" },
  { name: "dialog-mention", path: "/mentions?ask=write", wait: "text=Their words" },
  { name: "dialog-mention-link", path: "/mentions?open=0pmw7m7w00g10&ask=link", wait: "text=Which incident is it about" },
  { name: "form-feed-new", path: "/mentions?tab=feeds&do=new", wait: "text=When many complain at once" },
  { name: "credits", path: "/credits", wait: "text=Processing is off" },
  { name: "credits-calm", path: "/credits", server: "calm", wait: "text=No memos" },
  { name: "credits-availability", path: "/credits?tab=availability", wait: "text=below the promise" },
  { name: "credits-schedules", path: "/credits?tab=schedules", wait: "text=Amounts off the formula" },
  { name: "dialog-credit-confirm", path: "/credits?tab=schedules&ask=confirm:standard", wait: "text=It holds for exactly these figures" },
  { name: "credit-memo", path: "/credits/0pmw9m9w00g01", wait: "text=Why this amount" },
  { name: "credit-goodwill", path: "/credits/0pmw9m9w00g02?ask=approve", wait: "text=Approve this amount?" },
  { name: "credit-ledger", path: "/incidents/INC-40/ledger", wait: "text=Rows that people wrote" },
  { name: "dialog-ledger-row", path: "/incidents/INC-40/ledger?ask=row", wait: "text=A row for the ledger" },
  { name: "dialog-goodwill", path: "/incidents/INC-40/ledger?ask=goodwill", wait: "text=Ask for goodwill" },
  { name: "health", path: "/customers/health?customer=customer-0034", wait: "text=68 of 100" },
  { name: "health-calm", path: "/customers/health", server: "calm", wait: "text=Nobody uses the product unlike before" },
  { name: "dialog-health", path: "/customers/health?record=customer-0034", wait: "text=Its mood is" },
  { name: "people", path: "/people", wait: "text=Sarah Liu" },
  { name: "customers", path: "/customers", wait: "text=Customer 0001" },
  { name: "dialog-import", path: "/customers?import=1", wait: "text=Choose a file" },
  { name: "dialog-import-tried", path: "/customers?import=1", before: tryImport, wait: "text=Columns that are not read" },
  { name: "drawer-customer", path: "/customers?customer=customer-0034", wait: "text=messages come back" },
  { name: "drawer-customer-planned", path: "/customers?customer=customer-0001", wait: "text=Change the plan" },
  { name: "stakeholders", path: "/stakeholders?stakeholder=data-protection-authority", wait: "text=Asks for the number of affected residents" },
  { name: "stakeholders-calm", path: "/stakeholders", server: "calm", wait: "text=Nobody outside is in the register yet" },
  { name: "form-stakeholder", path: "/stakeholders?edit=north-fund", before: wrongPlan, wait: "text=a time such as 10m" },
  { name: "form-stakeholder-new", path: "/stakeholders?do=new", wait: "text=Without a plan it is told of nothing" },
  { name: "in-app", path: "/in-app-notices", wait: "text=515 users of 3 customers" },
  { name: "in-app-calm", path: "/in-app-notices", server: "calm", wait: "text=There is no key yet" },
  { name: "dialog-in-app-key", path: "/in-app-notices?do=new", before: makeKey, wait: "text=The secret is shown this once" },
  { name: "dialog-in-app-end", path: "/in-app-notices?end=ik-4bq7m2zx9k1c", wait: "text=refused within a second" },
  { name: "dialog-keep", path: "/customers?customer=customer-0034", before: writePlan, wait: "text=The plan" },
  { name: "contacts", path: "/me", wait: "text=My turns in my calendar" },
  { name: "procedure", path: "/procedure", wait: "text=Incident Management Procedures" },
  { name: "procedure-clocks", path: "/procedure?tab=clocks", wait: "text=War room" },
  { name: "procedure-chain", path: "/procedure?tab=chain", wait: "text=Secondary on call" },
  { name: "reviews", path: "/reviews", wait: "text=ready to sign off" },
  { name: "review", path: "/incidents/INC-39/review", wait: "text=Say in the procedure who looks after a renewal." },
  { name: "dialog-review-cause", path: "/incidents/INC-39/review?ask=cause", wait: "role=dialog >> text=How it was validated" },
  { name: "reviews-calm", path: "/reviews", server: "calm", wait: "text=Every review is signed off." },
  { name: "actions", path: "/reviews?tab=actions", wait: "text=/1 overdue.*1 blocked of 4/" },
  { name: "dialog-action", path: "/reviews?tab=actions&item=act-1", wait: "role=dialog >> text=The limit pages" },
  { name: "procedure-findings", path: "/procedure?tab=findings", wait: "text=review-overdue" },
];

const only = process.env["ALLCLEAR_E2E_ONLY"];
const width = process.env["ALLCLEAR_E2E_WIDTH"]; // so that the sizes can be looked at side by side

// One window for a width and a server: what the browser has read it need not
// read again for the next screen. The scheme changes while the screen stands,
// as it does for people at dusk, and only colours are looked at again.
for (const look of looks.filter((l) => l.scheme === "light" && (!width || l.width === Number(width)))) {
  describe(`${look.width} px`, () => {
    const windows = new Map<string, Awaited<ReturnType<typeof open>>>();
    afterAll(async () => {
      await Promise.all([...windows.values()].map((w) => w.context.close()));
    });

    for (const s of screens.filter((x) => !only || new RegExp(only).test(x.name))) {
      test(s.name, async () => {
        const base = (s.server ? { calm, out }[s.server] : fire).url;
        const window = windows.get(base) ?? (await open(browser, look));
        windows.set(base, window);
        const { page, problems } = window;
        problems.length = 0;
        await page.emulateMedia({ colorScheme: "light" });
        await page.goto(base + s.path);
        await s.before?.(page);
        await page.locator(s.wait.split(", ")[0]!).first().or(page.locator(s.wait.split(", ").at(-1)!).first()).first().waitFor({ timeout: 10_000 });
        await page.waitForTimeout(300); // late parts of the screen, read beside the first
        const name = `${s.name}-${look.width}`;
        const whole = look.width < 720 && !s.name.startsWith("d");
        await fits(page, name);
        await picture(page, `${name}-light`, whole);
        await accessible(page, `${name}-light`);
        await turn(page, "dark");
        await picture(page, `${name}-dark`, whole);
        await readable(page, `${name}-dark`);
        expect(problems.filter((p) => (!s.before || !/status of (422|409)/.test(p)) && (!s.refused || !p.includes("status of 404"))), `${name} complained`).toEqual([]);
      });
    }
  });
}
