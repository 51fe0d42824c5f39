import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Browser, Page } from "playwright-core";
import type { InspectFacts, StorePathFacts } from "../../../src/inspect/facts.ts";
import { hostile, largeClosure, sampleFacts } from "../../inspect/sample-facts.ts";
import { demoSystem, runMkimage } from "../mkimage.ts";
import { type OpenedPage, openBrowser, openFile, writePage } from "./browser.ts";
import { weakestContrast } from "./contrast.ts";

let browser: Browser;
let demo: { readonly path: string; readonly facts: InspectFacts };
const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));

/** The page of an image of the demo system, as a user makes it. */
test.before(async () => {
  const [out, path] = [join(folder, "out"), join(folder, "image.html")];
  const built = await runMkimage(["build", demoSystem("systemd-boot"), "--partition", "efi", "--out", out]);
  const inspected = await runMkimage(["inspect", join(out, "nixos.img"), "--json", "--html", path]);
  if (built.exitCode !== 0 || inspected.exitCode !== 0) throw new Error(built.stderr + inspected.stderr);
  demo = { path, facts: JSON.parse(inspected.stdout) as InspectFacts };
  browser = await openBrowser();
});

test.after.always(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Shown extends OpenedPage {
  readonly path: string;
  readonly facts: InspectFacts;
}

async function showDemo(t: ExecutionContext, options: Parameters<typeof openFile>[3] = {}): Promise<Shown> {
  return { ...demo, ...(await openFile(t, browser, demo.path, options)) };
}

function pathsOf({ closure }: InspectFacts): readonly StorePathFacts[] {
  return closure?.paths ?? [];
}

function nameOf(path: string): string {
  return path.replace(/^\/nix\/store\/[0-9a-z]{32}-/, "");
}

/** The path whose name begins so. */
function find(facts: InspectFacts, name: string): StorePathFacts {
  const found = pathsOf(facts).find(({ path }) => nameOf(path).startsWith(name));
  if (found === undefined) throw new Error(`the image has no ${name}`);
  return found;
}

/** The name of the path that is selected in the treemap. */
async function selectedName(page: Page): Promise<string | null> {
  const names = await page
    .locator(".cell[aria-selected=true]")
    .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).title));
  return names[0]?.split("\n")[0] ?? null;
}

interface Place {
  readonly name: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function places(page: Page, selector: string): Promise<Place[]> {
  return page.locator(selector).evaluateAll((elements) =>
    (elements as HTMLElement[]).map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { name: element.title.split("\n")[0] ?? "", left, top, width, height };
    }),
  );
}

test.serial("the page opens from its file, asks nobody for anything, and complains of nothing", async (t) => {
  const { page, requests, said, path, facts } = await showDemo(t);
  t.deepEqual(
    requests.filter((url) => !url.startsWith("data:")),
    [`file://${path}`],
  );
  t.deepEqual(said, []);
  t.is(await page.title(), "nixos.img");
  t.is(await page.locator("h1").textContent(), "nixos.img");
  t.is(await page.locator(".cell").count(), pathsOf(facts).filter(({ size }) => size > 0).length);
  t.is(await page.locator(".entry h3 span").first().textContent(), facts.boot.entries[0]?.title ?? null);
});

test.serial("areas are as sizes are: of the disk's partitions, and of the treemap's store paths", async (t) => {
  const { page, facts } = await showDemo(t);
  const [disk] = facts.disks;
  const [drawing] = await places(page, ".disk");
  const parts = await places(page, ".part");
  disk?.partitions.forEach(({ offset, size }, index) => {
    const { left = 0, width = 0 } = parts[index] ?? {};
    const scale = (drawing?.width ?? 0) / disk.size;
    t.true(Math.abs(left - (drawing?.left ?? 0) - offset * scale) < 1, `where partition ${index} begins`);
    t.true(Math.abs(width - size * scale) < 1, `how wide partition ${index} is`);
  });
  const [treemap] = await places(page, ".treemap");
  const total = pathsOf(facts).reduce((sum, { size }) => sum + size, 0);
  const scale = ((treemap?.width ?? 0) * (treemap?.height ?? 0)) / total;
  const cells = await places(page, ".cell");
  for (const { name, width, height } of cells) {
    const { size } = pathsOf(facts).find(({ path }) => nameOf(path) === name) as StorePathFacts;
    t.true(Math.abs(width * height - size * scale) <= width + height + 1, `${name}: ${width} x ${height}`);
  }
  t.true(cells.length > 40);
});

test.serial(
  "a click shows what pulls a path in, a second one zooms in, and the way above the treemap leads out",
  async (t) => {
    const { page, facts } = await showDemo(t);
    const library = find(facts, "libssl3");
    await page.locator(".cell", { hasText: nameOf(library.path) }).click();
    t.is(await selectedName(page), nameOf(library.path));
    t.deepEqual(
      await page
        .locator(".way li")
        .evaluateAll((steps) =>
          steps.map((step) => (step.firstElementChild?.firstElementChild ?? step).textContent ?? ""),
        ),
      library.why.map(nameOf),
      "the same way as inspect --why prints",
    );
    const needing = pathsOf(facts).filter(
      ({ path, references }) => path !== library.path && references.includes(library.path),
    );
    t.is(await page.locator("h4", { hasText: "Needed by" }).textContent(), `Needed by ${needing.length} paths`);
    const before = await page.locator(".cell").count();
    await page.locator(".cell", { hasText: nameOf(library.path) }).click();
    t.true((await page.locator(".cell").count()) < before, "only what the group has");
    const crumbs = page.locator(".crumb");
    t.is(await crumbs.last().getAttribute("aria-current"), "true");
    await crumbs.first().click();
    t.is(await page.locator(".cell").count(), before);
  },
);

test.serial("a search dims what has another name, and lists what it found, the largest first", async (t) => {
  const { page, facts } = await showDemo(t);
  await page.keyboard.press("/");
  await page.keyboard.type("lib 2.38");
  const found = pathsOf(facts)
    .filter(({ path }) => path.includes("lib") && path.includes("2.38"))
    .toSorted((one, other) => other.size - one.size)
    .map(({ path }) => nameOf(path));
  t.true(found.length >= 3);
  t.deepEqual(await page.locator(".rows .row-name").allTextContents(), found);
  const bright = await page
    .locator(".cell:not(.dimmed)")
    .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).title.split("\n")[0] ?? ""));
  t.deepEqual(bright.toSorted(), found.toSorted());
  await page.keyboard.press("Enter");
  t.is(await selectedName(page), found[0] ?? null, "Enter takes the largest");
  await page.keyboard.press("Escape");
  t.is(await page.locator(".dimmed").count(), 0);
  await page.getByRole("searchbox").fill("no such name");
  t.is(await page.locator(".panel h3").textContent(), "Nothing has that name");
});

test.serial("everything can be done with the keyboard", async (t) => {
  const { page, said } = await showDemo(t);
  const focused = () =>
    page.evaluate(() => document.activeElement?.className.split(" ")[0] || document.activeElement?.tagName);
  const visited: unknown[] = [];
  for (let count = 0; count < 5; count += 1) {
    await page.keyboard.press("Tab");
    visited.push(await focused());
  }
  t.deepEqual(visited, ["crumb", "crumb", "INPUT", "treemap", "BUTTON"], "the order of Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowRight");
  const first = await selectedName(page);
  t.truthy(first);
  await page.keyboard.press("ArrowRight");
  const [one, other] = [first, await selectedName(page)];
  t.not(one, other);
  await page.keyboard.press("ArrowLeft");
  const active = await page.locator(".treemap").getAttribute("aria-activedescendant");
  const title = await page.locator(`[id="${active}"]`).getAttribute("title");
  t.is(title?.split("\n")[0] ?? null, await selectedName(page));
  const count = await page.locator(".cell").count();
  await page.keyboard.press("Enter");
  const zoomed = await page.locator(".cell").count();
  t.true(zoomed < count, "Enter zooms in");
  await page.keyboard.press("Escape");
  t.is(await selectedName(page), null, "Escape forgets the path");
  await page.keyboard.press("Escape");
  t.is(await page.locator(".cell").count(), count, "and then zooms out");
  t.is(await focused(), "treemap");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  t.is(await focused(), "panel", "who presses a button that goes away stays where it was");
  t.deepEqual(said, []);
});

test.serial("text is read easily on light and on dark, and both are different", async (t) => {
  const texts = [
    "h1",
    ".heading p",
    "td",
    "th",
    ".crumb",
    ".cell .name",
    ".row-name",
    ".row-detail",
    "dd",
    "dt",
    ".badge",
  ];
  const papers: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const { page } = await showDemo(t, { colorScheme });
    for (const text of texts) {
      const contrast = await weakestContrast(page, text);
      t.true(contrast >= 4.5, `${text} on ${colorScheme}: ${contrast.toFixed(2)}`);
    }
    papers.push(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
  }
  t.not(papers[0], papers[1]);
});

test.serial(
  "on paper the whole treemap and the list of the largest paths are there, and what is for clicking is not",
  async (t) => {
    const { page } = await showDemo(t, { colorScheme: "dark" });
    const before = (await places(page, ".cell")).length;
    // A4 without margins, at 96 dots an inch.
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    for (const hidden of [".tools", ".panel", ".keys"]) t.false(await page.locator(hidden).isVisible(), hidden);
    t.true(await page.locator(".largest table").isVisible());
    const [treemap] = await places(page, ".treemap");
    const cells = await places(page, ".cell");
    t.is(cells.length, before);
    const right = Math.max(...cells.map(({ left, width }) => left + width));
    const bottom = Math.max(...cells.map(({ top, height }) => top + height));
    t.true(Math.abs(right - (treemap?.left ?? 0) - (treemap?.width ?? 0)) < 1, "as wide as the paper");
    t.true(Math.abs(bottom - (treemap?.top ?? 0) - (treemap?.height ?? 0)) < 1);
    t.true((await weakestContrast(page, "tr:not(.quiet) > td.number")) > 10, "dark on white, whatever the screen is");
    const pdf = (await page.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
    t.true([...pdf.matchAll(/\/Type\s*\/Page\b/g)].length <= 3, "no more than three sheets");
  },
);

test.serial("a closure of 3,000 paths can be used at once", async (t) => {
  const path = writePage(t, sampleFacts(largeClosure(3000)));
  const { page, said } = await openFile(t, browser, "/dev/null");
  const start = performance.now();
  await page.goto(`file://${path}`);
  await page.locator(".cell").first().click();
  const name = await selectedName(page);
  const seconds = (performance.now() - start) / 1000;
  await page.keyboard.press("/");
  const typed = performance.now();
  await page.keyboard.type("-2999-");
  const found = await page.locator(".rows .row-name").allTextContents();
  const searched = (performance.now() - typed) / 1000;
  t.truthy(name);
  t.is(found.length, 1);
  t.is(await page.locator(".cell").count(), 3001);
  t.log(`opened and a path selected in ${seconds.toFixed(2)} s, six letters searched for in ${searched.toFixed(2)} s`);
  t.true(seconds < 10 && searched < 10, "a bound for a machine that has much else to do");
  t.deepEqual(said, []);
});

test.serial("names in an image are text, whatever they say", async (t) => {
  const { page, requests, said } = await openFile(t, browser, writePage(t, sampleFacts(largeClosure(20))));
  t.is(await page.locator("h1").textContent(), `${hostile}.img`);
  t.is(await page.locator(".part-name").last().textContent(), hostile);
  t.is(await page.locator(".faults li").first().textContent(), hostile);
  t.is(await page.locator(".growth + dl dd").first().textContent(), `grows by itself: ${hostile}`);
  t.is(await page.locator("img").count(), 0);
  t.is(await page.locator("script").count(), 2, "its own data and code");
  t.is(requests.filter((url) => !url.startsWith("data:")).length, 1);
  t.deepEqual(said, []);
});

test.serial("an image without a store, and a narrow screen", async (t) => {
  const { page, said } = await openFile(t, browser, writePage(t, sampleFacts(null)), {
    viewport: { width: 390, height: 800 },
  });
  t.deepEqual(await page.locator("h2").allTextContents(), ["Disk", "Boot", "Build"]);
  t.deepEqual(said, []);
  const shown = await showDemo(t, { viewport: { width: 390, height: 800 } });
  for (const each of [page, shown.page]) {
    t.true(
      await each.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      "nothing is beside the screen",
    );
  }
});
