// Being on call, on the built bundle with the fake API: snoozing and waking by
// the keyboard, dead ends put aside, a calendar address made, renewed and
// revoked, notices switched off, the load report as a file.
import { expect, test } from "vitest";
import { accessible } from "./browser";
import { onFake } from "./console";

const { at, url } = onFake();

const read = async (path: string) => (await (await fetch(`${url()}/api/v1${path}`)).json()) as Record<string, unknown>;

test("p snoozes, y wakes, and the incident says which", () =>
  at("/incidents/INC-42", async (page) => {
    await page.getByText("In the room", { exact: true }).waitFor();
    await page.keyboard.press("p");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Snooze INC-42").waitFor();
    await dialog.getByLabel("15 minutes").check();
    await dialog.getByLabel("Why?").fill("the vendor calls back");
    await page.keyboard.press("Control+Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Snoozed until").first().waitFor();
    await page.getByRole("listitem").filter({ hasText: "Snoozed" }).filter({ hasText: "for 15m by Ana: the vendor calls back" }).waitFor();
    await accessible(page, "a snoozed incident");
    await page.keyboard.press("y");
    await dialog.getByText("Wake INC-42 now?").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.getByText("Snoozed until").first().waitFor({ state: "detached" });
    await page.getByText("Nobody has taken it yet.").or(page.getByText("Pages anew")).first().waitFor();
    expect((await read("/incidents/42"))["snoozed_until"]).toBeUndefined();
  }));

test("both keys are in the keyboard help", () =>
  at("/incidents/INC-42", async (page) => {
    await page.getByText("In the room", { exact: true }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Snooze", { exact: true }).waitFor();
  }));

test("dead ends are put aside for the session and counted on On-call all the same", () =>
  at("/", async (page) => {
    const banner = page.getByRole("region", { name: "4 dead ends in the next 14 days" });
    await banner.waitFor();
    await banner.getByRole("button", { name: "Show 1 more" }).click();
    expect(await banner.getByRole("listitem").count()).toBe(4);
    await banner.getByRole("button", { name: "Put aside for this session" }).click();
    await banner.waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("On call", { exact: true }).first().waitFor();
    expect(await banner.count()).toBe(0);
    await page.goto(`${url()}/on-call`);
    await banner.getByRole("button", { name: "See which" }).click();
    await banner.getByRole("link", { name: "Legal counsel 1’s contacts" }).click();
    await page.waitForURL(/\/people\?edit=legal-counsel-1/);
  }));

test("a calendar address is made, renewed and revoked, and seen once", () =>
  at("/me", async (page) => {
    const dialog = page.getByRole("dialog");
    const secret = async () => (await dialog.locator("code").textContent()) ?? "";
    await page.getByRole("button", { name: "Make an address" }).waitFor();
    await page.keyboard.press("i");
    await dialog.getByText("Copy it now").waitFor();
    const first = await secret();
    expect(first).toMatch(/^http.*\/calendar\/acf_.*\.ics$/);
    await accessible(page, "a calendar address");
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.content()).not.toContain("acf_");
    await page.getByRole("button", { name: "Renew: The turns of Ana" }).click();
    await dialog.getByRole("button", { name: "Renew" }).click();
    await dialog.getByText("Copy it now").waitFor();
    expect(await secret()).not.toBe(first);
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("button", { name: "Revoke: The turns of Ana" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Make an address" }).waitFor();
  }));

test("handover notices are switched off, and nothing else of the person changes", () =>
  at("/me", async (page) => {
    const { version: _, ...before } = await read("/people/ana");
    const toggle = page.getByRole("switch", { name: "Tell me when a turn of mine begins or ends" });
    await toggle.click();
    await expect.poll(async () => (await read("/people/ana"))["no_handover_notices"]).toBe(true);
    const { version: __, ...after } = await read("/people/ana");
    expect(after).toEqual({ ...before, no_handover_notices: true });
    await expect.poll(() => toggle.isEnabled()).toBe(true);
    await toggle.click();
    await expect.poll(async () => (await read("/people/ana"))["no_handover_notices"]).toBeUndefined();
  }));

test("the load report is sorted by what is pressed, and leaves as a file and on paper", () =>
  at("/on-call", async (page) => {
    await page.keyboard.press("l");
    await page.waitForURL(/\/on-call\/load/);
    const row = page.getByRole("row").nth(1);
    await row.getByRole("rowheader", { name: "Ana" }).waitFor();
    await page.getByRole("button", { name: "Holidays" }).click();
    await page.waitForURL(/by=holiday_hours/);
    const file = await page.getByRole("link", { name: "Save as CSV" }).getAttribute("href");
    expect(file).toMatch(/^\/api\/v1\/oncall\/load\.csv\?from=.*&until=/);
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("navigation", { name: "Main" }).isVisible()).toBe(false);
    expect(await page.getByRole("table").isVisible()).toBe(true);
  }));
