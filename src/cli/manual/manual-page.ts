import { exitCodes } from "../../base/errors.ts";
import type { Verb, VerbOption } from "./command-tree.ts";

/** The manual page mkimage(1) in roff, from the same definitions as the help texts. */
export function manualPage(verbs: readonly Verb[], version: string): string {
  return [
    `.TH MKIMAGE 1 "" "mkimage ${escape(version)}" "User Commands"`,
    ".SH NAME",
    "mkimage \\- turns a NixOS system into disk images",
    ".SH SYNOPSIS",
    ...verbs.flatMap(({ name, usage }) => [".br", `.B mkimage ${name}`, escape(usage)]),
    ".SH DESCRIPTION",
    "Builds disk images of NixOS systems without root, without KVM, with exact sizes, and with the same bytes every time.",
    "A call without a verb is",
    ".BR build .",
    ...verbs.flatMap(verbSection),
    ".SH EXIT STATUS",
    ...exitStatus(),
    ".SH ENVIRONMENT",
    ...tagged(
      "SOURCE_DATE_EPOCH",
      "the time that everything in an image has, in seconds since 1970; 1 when it is not set",
    ),
    ...tagged(
      "XDG_CACHE_HOME",
      "where it is remembered whether KVM works, and what builds can use again is kept; ~/.cache when it is not set",
    ),
    "",
  ].join("\n");
}

function verbSection({ name, summary, options }: Verb): string[] {
  return [`.SH ${name.toUpperCase()}`, `${escape(capitalised(summary))}.`, ...options.flatMap(optionEntry)];
}

function optionEntry({ name, placeholder, summary }: VerbOption): string[] {
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  return tagged(`--${name}${value}`, summary);
}

function exitStatus(): string[] {
  const names = new Map<number, string[]>([[0, ["success"]]]);
  for (const [name, code] of Object.entries(exitCodes)) names.set(code, [...(names.get(code) ?? []), name]);
  return [...names].sort(([a], [b]) => a - b).flatMap(([code, codes]) => tagged(String(code), codes.join(", ")));
}

function tagged(tag: string, text: string): string[] {
  return [".TP", `.B ${escape(tag)}`, escape(text)];
}

/** A hyphen that a user types, what is not ASCII, and a line that would begin a request. */
function escape(text: string): string {
  const typed = text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
  return typed.replaceAll(/[^\x20-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\[u${point.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
