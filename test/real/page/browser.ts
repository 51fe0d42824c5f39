import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExecutionContext } from "ava";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { InspectFacts } from "../../../src/inspect/facts.ts";
import { readPageAssets, renderPage } from "../../../src/inspect/page-html.ts";
import { lookUpProgram } from "../../../src/runtime/tools.ts";
import { testFolder } from "../mkimage.ts";

/** Without these it looks for updates and hosts of its maker by itself. */
const arguments_ = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium without a window. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = lookUpProgram("chromium");
  if (executablePath === undefined) throw new Error("chromium is not installed");
  return await chromium.launch({ executablePath, args: arguments_ });
}

/** A page, and what it did besides being shown. */
export interface OpenedPage {
  readonly page: Page;
  /** The addresses of everything that was asked for. */
  readonly requests: readonly string[];
  /** The output to the console, and errors that nobody caught. */
  readonly said: readonly string[];
}

/** Opens a page from its file, as a double click does. It closes with the test. */
export async function openFile(
  t: ExecutionContext,
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  t.teardown(() => context.close());
  const [requests, said]: [string[], string[]] = [[], []];
  const page = await context.newPage();
  context.on("request", (request) => requests.push(request.url()));
  context.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(pathToFileURL(path).href);
  return { page, requests, said };
}

/** Writes a page of these facts, and gives its path. */
export function writePage(t: ExecutionContext, facts: InspectFacts): string {
  const path = join(testFolder(t), "page.html");
  writeFileSync(path, renderPage(facts, readPageAssets()));
  return path;
}
