import { type Flag, requestFlags } from "./flags.ts";

/** The options of `build` and `plan` as a Markdown table, for the README. */
export function optionTable(): string {
  const rows = requestFlags().map((flag) => `| ${signature(flag)} | ${escape(meaning(flag))} | ${fallback(flag)} |`);
  return ["| option | meaning | default |", "| --- | --- | --- |", ...rows].join("\n");
}

function signature(flag: Flag): string {
  return flag.kind === "boolean" ? `\`--${flag.name}\`` : `\`--${flag.name} ${escape(flag.placeholder)}\``;
}

function meaning(flag: Flag): string {
  const choices = flag.choices.length === 0 ? "" : `: ${flag.choices.map((choice) => `\`${choice}\``).join(", ")}`;
  const repeated = flag.kind === "list" ? "; may be given several times" : "";
  return `${flag.description}${choices}${repeated}`;
}

function fallback(flag: Flag): string {
  if (flag.default === undefined) return "";
  return flag.kind === "boolean" ? (flag.default === "true" ? "on" : "off") : `\`${flag.default}\``;
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|");
}
