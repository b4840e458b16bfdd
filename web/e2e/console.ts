// The console on a wide screen, on the built bundle with the fake API: one
// browser and one server for a file of tests.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { FakeApi } from "../fake/api";
import { launch, open } from "./browser";
import { listen } from "./serve";

export interface Console {
  /** Runs with a page that stands at the path; nothing may have complained after. */
  at(path: string, run: (page: Page) => Promise<void>): Promise<void>;
  url(): string;
}

export function onFake(): Console {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), listen(new FakeApi())]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    url: () => server.url,
    async at(path, run) {
      const { context, page, problems } = await open(browser, { width: 1440, height: 900, scheme: "light" });
      try {
        await page.goto(server.url + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await run(page);
        expect(problems).toEqual([]);
      } finally {
        await context.close();
      }
    },
  };
}
