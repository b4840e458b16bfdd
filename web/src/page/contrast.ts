// Contrast of two colours as WCAG 2.2 defines it, so that a form can say it while
// somebody types. The API decides. Pure.

/** What text needs (1.4.3). */
export const enough = 4.5;

const parse = (s: string): number[] | undefined => (/^#[0-9a-f]{6}$/i.test(s) ? [1, 3, 5].map((at) => Number.parseInt(s.slice(at, at + 2), 16) / 255) : undefined);

const luminance = (c: number[]): number => {
  const [r = 0, g = 0, b = 0] = c.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** From 1 to 21; undefined where one of them is no colour #rrggbb. */
export function contrast(a: string, b: string): number | undefined {
  const x = parse(a);
  const y = parse(b);
  if (!x || !y) return undefined;
  const [l, d] = [luminance(x), luminance(y)];
  return (Math.max(l, d) + 0.05) / (Math.min(l, d) + 0.05);
}

/** What is wrong with text in a colour on the darkest or lightest of what it stands on. */
export function unreadable(text: string, on: readonly string[]): string | undefined {
  if (text === "") return undefined;
  const all = on.map((o) => contrast(text, o));
  if (all.includes(undefined)) return "Use a colour such as #1f51c0.";
  const worst = Math.min(...(all as number[]));
  return worst < enough ? `A contrast of ${(Math.floor(worst * 10) / 10).toFixed(1)} to 1 cannot be read; text needs ${enough}.` : undefined;
}
