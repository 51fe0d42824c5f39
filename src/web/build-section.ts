import type { InspectFacts } from "../inspect/facts.ts";
import { definitions } from "./boot-section.ts";
import { section } from "./dom.ts";
import { formatSize } from "./text.ts";

/** Shows the build's report; no section where the image has none. */
export function buildSection(build: InspectFacts["build"]): HTMLElement[] {
  if (build === null) return [];
  const rows = wanted.flatMap(([key, title]) => {
    const value = read(build, key);
    const text = key === "files" ? filesText(value) : textOf(value);
    return text === "" ? [] : [[title, text]];
  });
  return [section("Build", "What the build's report beside the image says", [definitions(rows)])];
}

const wanted = [
  ["name", "Name"],
  ["system.toplevel", "System"],
  ["system.label", "Version"],
  ["format", "Format"],
  ["reproducible", "Same bytes every time"],
  ["bootloader.engine", "Boot loader by"],
  ["bootloader.reason", "Because"],
  ["seed", "Seed"],
  ["sourceDateEpoch", "Source date"],
  ["tools", "Made with"],
  ["files", "Files"],
] as const;

function read(value: unknown, key: string): unknown {
  return key.split(".").reduce<unknown>((at, name) => {
    return typeof at === "object" && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  }, value);
}

function filesText(files: unknown): string {
  const list = (Array.isArray(files) ? files : []) as readonly { readonly name?: unknown; readonly bytes?: unknown }[];
  return list.map(({ name, bytes }) => `${String(name)} · ${formatSize(Number(bytes))}`).join("\n");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, each]) => `${key} ${textOf(each)}`)
    .join(" · ");
}
