/** The message and the place of a failed evaluation, out of all that Nix prints. */
interface NixFault {
  readonly message: string;
  /** The place in a file of the user's that comes nearest: `/etc/nixos/disk.nix:12`. */
  readonly place: string | undefined;
}

/**
 * Finds the message and the place in what `nix eval --show-trace` says; `undefined` where that is no evaluation's error. Old
 * versions of Nix begin with the message and go outwards, new ones end with it.
 */
export function nixFault(lines: readonly string[]): NixFault | undefined {
  const start = lines.findLastIndex((line) => /^\s*error: *\S/.test(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() === "" || /^\s*(at |…|\.\.\. |\(use |\d+\|)/.test(line));
  const more = rest.slice(0, end < 0 ? rest.length : end).map((line) => line.trim());
  const message = [(lines[start] ?? "").replace(/^\s*error: */, ""), ...more].join(" ");
  const places = lines.flatMap((line, index) => placeIn(line, index));
  const nearest = (wanted: (place: Place) => boolean) =>
    places.find((place) => place.index > start && wanted(place)) ??
    places.findLast((place) => place.index < start && wanted(place));
  const found = nearest(({ file }) => !isLibrary(file)) ?? nearest(() => true);
  return { message, place: found === undefined ? undefined : `${found.file}:${found.line}` };
}

interface Place {
  readonly file: string;
  readonly line: string;
  readonly index: number;
}

/** Nix's own words, and those of our expression. Expressions of the command line have no path. */
function placeIn(text: string, index: number): Place[] {
  const [, file, line] = /^\s*(?:at|… while evaluating .*) \(?(\/.*?):(\d+)(?::\d+:?|\))$/.exec(text) ?? [];
  return file === undefined || line === undefined ? [] : [{ file, line, index }];
}

/** A place in nixpkgs' own functions says nothing about the user's. */
function isLibrary(file: string): boolean {
  return /\/lib\/[\w-]+\.nix$/.test(file);
}
