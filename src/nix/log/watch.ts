import type { TaskReporter } from "../../runtime/reporter.ts";

/** Where Nix's user hears what it does. */
export interface NixWatch {
  /** Called with warnings and traces of evaluations, and whatever else Nix and what it calls say. */
  readonly note: (text: string) => void;
  /** The task that Nix works for. */
  readonly task?: TaskReporter | undefined;
}

/** So many different notes are known again. */
const knownNotes = 1000;

/** The watch of several calls of Nix's, which evaluate one thing again and again: each note is said once, and as Nix's. */
export function sayingOnce({ note, task }: NixWatch): NixWatch {
  const said = new Set<string>();
  return {
    task,
    note: (text) => {
      if (said.has(text)) return;
      if (said.size < knownNotes) said.add(text);
      note(`Nix: ${text}`);
    },
  };
}
