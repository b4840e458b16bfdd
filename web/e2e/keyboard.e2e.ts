// The whole console without a pointer, and every state in the address. On the
// built bundle with the fake API.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessible, picture } from "./browser";
import { onFake } from "./console";

const { at } = onFake();

const path = (page: Page) => new URL(page.url()).pathname + new URL(page.url()).search;

test("g and a letter go places; back comes back", () =>
  at("/", async (page) => {
    for (const [keys, want] of [["g i", "/incidents"], ["g o", "/on-call"], ["g s", "/services"], ["g t", "/teams"], ["g r", "/schedules"], ["g e", "/policies"], ["g w", "/ways-in"], ["g q", "/tickets"], ["g v", "/limits"], ["g g", "/figures"], ["g z", "/on-call/load"], ["g $", "/credits"], ["g j", "/reviews"], ["g c", "/customers"], ["g n", "/maintenance"], ["g l", "/status-page"], ["g b", "/services/map"], ["g u", "/vendors"], ["g f", "/mentions"], ["g k", "/checks"], ["g y", "/customers/health"], ["g x", "/outbox"], ["g d", "/procedure"]] as const) {
      for (const k of keys.split(" ")) await page.keyboard.press(k);
      await page.waitForURL((u) => u.pathname === want);
    }
    await page.goBack();
    await page.waitForURL((u) => u.pathname === "/outbox");
  }));

test("j, k and Enter walk a list and open a row", () =>
  at("/", async (page) => {
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Sign-in fails for all users");
    await page.keyboard.press("Enter");
    await page.waitForURL(/INC-42/);
  }));

test("the letters of an incident open what they say, and Escape closes it", () =>
  at("/incidents/INC-42", async (page) => {
    await page.getByText("In the room", { exact: true }).waitFor();
    for (const [key, title] of [["r", "Resolve INC-42?"], ["e", "Page someone"], ["u", "Update for INC-42"], ["s", "Change severity of INC-42"], ["p", "Snooze INC-42"], ["o", "Hand over a role"], ["f", "Who is hit, and what does it mean?"], ["b", "Brief the executives on INC-42"], ["x", "Write down the first findings"], ["h", "Hand on"], ["+", "New card"], ["q", "Put INC-42 on a room's screen"]] as const) {
      await page.keyboard.press(key);
      await page.getByRole("dialog").getByText(title).first().waitFor();
      expect(path(page)).toContain("do=");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.keyboard.press("n");
    await page.keyboard.type("Decision: roll back");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").filter({ hasText: "Decision" }).filter({ hasText: "roll back" }).first().waitFor();
  }));

test("the desk of messages by keys: what waits, a correction, a call and who asks", () =>
  at("/incidents/INC-42?tab=messages", async (page) => {
    await page.getByText("Told by hand").first().waitFor();
    for (const [keys, title] of [["!", "Approve and publish this text?"], [". c", "Correct what was told"], [". o", "What came of Customer 0034?"], [". p", "Press or analyst"]] as const) {
      for (const k of keys.split(" ")) await page.keyboard.press(k);
      await page.getByRole("dialog").getByText(title).first().waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.locator("[data-contact=c4]").focus();
    for (const k of [".", "o"]) await page.keyboard.press(k);
    await page.getByRole("dialog").getByText("What came of Daily News?").waitFor();
  }));

test("digits open the parts of an incident, and j, k and the arrows walk its cards", () =>
  at("/incidents/INC-42", async (page) => {
    await page.getByText("In the room", { exact: true }).waitFor();
    for (const [key, tab] of [["2", "tasks"], ["3", "investigation"], ["5", "messages"], ["6", "room"], ["7", "recovery"], ["8", "partners"], ["9", "impact"], ["4", "board"]] as const) {
      await page.keyboard.press(key);
      await page.waitForURL((u) => u.searchParams.get("tab") === tab);
    }
    const at = () => page.evaluate(() => document.activeElement?.closest("[data-column]")?.getAttribute("data-column") ?? "");
    await page.getByRole("button", { name: "New card" }).waitFor();
    await page.keyboard.press("j");
    expect(await at()).toBe("todo");
    await page.keyboard.press("ArrowRight");
    expect(await at()).toBe("taken");
    await page.keyboard.press("ArrowLeft");
    expect(await at()).toBe("todo");
    const card = await page.evaluate(() => document.activeElement?.getAttribute("data-task") ?? "");
    expect(card).not.toBe("");
    await page.keyboard.press("i"); // I am at it
    await page.locator(`[data-column="taken"] [data-task="${card}"]`).waitFor();
    await page.keyboard.press("1");
    await page.waitForURL((u) => !u.searchParams.has("tab"));
    for (const k of ["n"]) await page.keyboard.press(k);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("note");
  }));

test("a commander's hour without a pointer: a card, its evidence, a role, who is hit, a brief", () =>
  at("/incidents/INC-42?tab=board", async (page) => {
    const dialog = page.getByRole("dialog");
    const closed = () => dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "New card" }).waitFor();
    await page.keyboard.press("+");
    await page.getByLabel("What is to be done?").fill("Warm the session cache");
    await page.keyboard.press("Control+Enter");
    await closed();
    const card = page.locator("[data-row]", { hasText: "Warm the session cache" });
    await card.focus();
    await page.keyboard.press("x");
    await page.getByLabel("Evidence, or why it does not apply").fill("hit rate is 97 %");
    await page.keyboard.press("Control+Enter");
    await closed();
    await page.locator('[data-column="done"]').getByText("hit rate is 97 %").waitFor();
    await page.keyboard.press("o");
    await dialog.getByText("Theirs to do").waitFor();
    await page.keyboard.type("Bo");
    await page.getByRole("option", { name: /^Bo(,|$)/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByLabel("What must they know?").fill("The roll back runs");
    await page.keyboard.press("Control+Enter");
    await closed();
    await page.locator("header").getByText("Bo", { exact: true }).first().waitFor(); // commands
    await page.keyboard.press("f");
    await page.getByLabel("What does it mean for the business?").fill("Nobody can start their day");
    await page.keyboard.press("Control+Enter");
    await closed();
    await page.keyboard.press("b");
    await expect.poll(() => page.getByLabel("The brief").inputValue()).toContain("INC-42 is a P1");
    await page.keyboard.press("Control+Enter");
    await closed();
    await page.keyboard.press("1");
    await page.getByText("Nobody can start their day").first().waitFor();
    await page.getByText("Executive brief").first().waitFor();
  }));

test("the palette finds commands, incidents, people; the help lists what can be pressed", () =>
  at("/", async (page) => {
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("What do you want to do?").fill("sign-in");
    await page.getByRole("button", { name: /Sign-in fails/ }).or(page.getByRole("option", { name: /Sign-in fails/ })).first().waitFor();
    await picture(page, "palette-1440-light");
    await accessible(page, "palette");
    await page.keyboard.press("Enter");
    await page.waitForURL(/INC-42/);
    await page.getByText("In the room", { exact: true }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Keyboard").first().waitFor();
    await page.getByRole("dialog").getByText("Update customers").waitFor();
    await picture(page, "help-1440-light");
    await accessible(page, "help");
  }));

test("filters are in the address and come back with it", () =>
  at("/incidents?status=all&severity=P2", async (page) => {
    await page.getByText("Report exports fail").waitFor();
    expect(await page.getByText("Sign-in fails for all users").count()).toBe(0);
    await page.getByText("P1", { exact: true }).first().click();
    await page.getByText("Sign-in fails for all users").waitFor();
    expect(path(page)).toContain("severity=P1%2CP2");
  }));

test("a ticket is paged for and dismissed without a pointer", () =>
  at("/tickets", async (page) => {
    await page.getByText("The whole site is down for us").waitFor();
    for (const k of ["j", "j", "Enter"]) await page.keyboard.press(k);
    await page.waitForURL(/open=/);
    await page.keyboard.press("e");
    await page.getByLabel("Why?").fill("I see it too");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Engineering on call has been paged.").waitFor();
    await expect.poll(() => page.locator("[data-row]", { hasText: "The whole site is down for us" }).count()).toBe(0);
    for (const k of ["j", "Enter", "d"]) await page.keyboard.press(k);
    await page.getByLabel("Why?").fill("answered");
    await page.keyboard.press("Control+Enter");
    await page.getByText("The ticket is out of its queue.").waitFor();
    await page.goto(`${new URL(page.url()).origin}/tickets?state=dismissed`);
    await expect.poll(() => page.locator("[data-row]").count()).toBe(2);
  }));
