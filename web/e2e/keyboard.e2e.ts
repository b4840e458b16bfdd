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
    for (const [keys, want] of [["g i", "/incidents"], ["g o", "/on-call"], ["g s", "/services"], ["g t", "/teams"], ["g r", "/schedules"], ["g e", "/policies"], ["g w", "/ways-in"], ["g q", "/tickets"], ["g v", "/limits"], ["g n", "/maintenance"], ["g b", "/services/map"], ["g u", "/vendors"], ["g f", "/mentions"], ["g k", "/checks"], ["g y", "/customers/health"], ["g x", "/outbox"], ["g d", "/procedure"]] as const) {
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
    for (const [key, title] of [["r", "Resolve INC-42?"], ["e", "Page someone"], ["u", "Update for INC-42"], ["s", "Change severity of INC-42"], ["p", "Snooze INC-42"], ["o", "Hand over a role"]] as const) {
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
