import type { LogMessage } from "./log/line.ts";

/** The decisive error out of all that Nix says. */
export interface NixFault {
  /** Nix's own words, without `error:` before them. */
  readonly lines: readonly string[];
  /** The place in a file of the user's that comes nearest: `/etc/nixos/disk.nix:12`. */
  readonly place: string | undefined;
  /** Whether Nix tells the way there. */
  readonly isTraced: boolean;
}

/**
 * Finds the error that all others follow from, in whatever order they were said; `undefined` where there is none. Old versions
 * of Nix begin with the message of an evaluation and go outwards, new ones end with it.
 */
export function nixFault(messages: readonly LogMessage[]): NixFault | undefined {
  const faults = textsOf(messages).flatMap((message) => faultIn(message) ?? []);
  return faults.find(({ lines }) => !followsFromOther.test(lines.join("\n"))) ?? faults.at(-1);
}

/** Words of Nix about a build that cannot begin, or of all that it was to do. */
const followsFromOther =
  /^(?:\d+ dependenc(?:y|ies) of derivation|some (?:outputs|substitutes)|build of .* failed|Cannot build[^]*Reason: \d+ dependenc)/;

/** Messages with their texts whole: what is no message of Nix's log comes line by line. */
function textsOf(messages: readonly LogMessage[]): LogMessage[] {
  const plain = messages.filter(({ decisive }) => decisive === undefined).map(({ text }) => text);
  const errors = messages.filter(({ decisive }) => decisive !== undefined);
  return [...errors, { level: 0, text: plain.join("\n"), decisive: undefined }];
}

function faultIn({ text, decisive }: LogMessage): NixFault | undefined {
  const lines = text.split("\n");
  const start = lines.findLastIndex((line, index) => /^\s*error:/.test(line) && messageAt(lines, index) !== undefined);
  if (start < 0 && decisive === undefined) return undefined;
  const own = decisive?.split("\n") ?? messageAt(lines, start) ?? [];
  const message = [...own, ...lines.filter((line) => /^\s*Did you mean .*\?$/.test(line)).map((line) => line.trim())];
  const places = lines.flatMap((line, index) => placeIn(line, index));
  const nearest = (wanted: (place: Place) => boolean) =>
    places.find((place) => place.index > start && wanted(place)) ??
    places.findLast((place) => place.index < start && wanted(place));
  const found = nearest(({ file }) => !isLibrary(file)) ?? nearest(() => true);
  return {
    lines: message.map((line) => line.trimEnd()).filter((line) => line !== ""),
    place: found === undefined ? undefined : `${found.file}:${found.line}`,
    isTraced: found !== undefined || lines.some((line) => /^\s*(?:\u2026|\(use )/.test(line)),
  };
}

/** The message of the error that begins on a line; `undefined` where that line heads a trace. */
function messageAt(lines: readonly string[], start: number): string[] | undefined {
  const [own = "", ...rest] = lines.slice(start);
  const first = own.replace(/^\s*error: */, "");
  const end = rest.findIndex((line) => line.trim() === "" || /^\s*(at |\u2026|\.\.\. |\(use |\d+\|)/.test(line));
  const more = rest.slice(0, end < 0 ? rest.length : end).map((line) => line.trim());
  const message = [first, ...more].filter((line) => line !== "");
  return message.length === 0 ? undefined : message;
}

interface Place {
  readonly file: string;
  readonly line: string;
  readonly index: number;
}

/** Nix's own words, and those of our expression. Expressions of the command line have no path. */
function placeIn(text: string, index: number): Place[] {
  const [, file, line] = /^\s*(?:at|\u2026 while evaluating .*) \(?(\/.*?):(\d+)(?::\d+:?|\))$/.exec(text) ?? [];
  return file === undefined || line === undefined ? [] : [{ file, line, index }];
}

/** A place in nixpkgs' own functions says nothing about the user's. */
function isLibrary(file: string): boolean {
  return /\/lib\/[\w-]+\.nix$/.test(file);
}
