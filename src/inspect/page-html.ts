import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { projectFolder } from "../runtime/project-folder.ts";
import type { InspectFacts } from "./facts.ts";
import { pageData } from "./page-data.ts";
import { printable } from "./printable.ts";

/** The page's code and looks, as `make build` puts them together. */
interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** @throws MkimageError INTERNAL when mkimage was not built. */
export function readPageAssets(): PageAssets {
  const read = (name: string): string => {
    const path = join(projectFolder(), "dist", name);
    if (existsSync(path)) return readFileSync(path, "utf8");
    throw new MkimageError("INTERNAL", `${path} is missing`, { hint: "run make build in the folder of mkimage" });
  };
  return { script: read("inspect-page.js"), style: read("inspect-page.css") };
}

/**
 * One page with everything in it. It runs no code but its own and asks nobody for anything, whatever the image's names
 * are: they are data, and shown as text.
 */
export function renderPage(facts: InspectFacts, { script, style }: PageAssets): string {
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'`;
  const title = facts.disks.map(({ name }) => name).join(", ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(printable(title))}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This page needs its own script to draw what is in it.</noscript>
<script type="application/json" id="data">${escapeData(JSON.stringify(pageData(facts), (_, value: unknown) => shown(value)))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** A browser obeys characters that turn the direction of writing as a terminal does. */
function shown(value: unknown): unknown {
  return typeof value === "string" ? printable(value) : value;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Data cannot end their element, whatever they say. */
function escapeData(json: string): string {
  return json.replaceAll("<", String.raw`\u003c`);
}
