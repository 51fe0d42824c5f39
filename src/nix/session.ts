import type { TaskReporter } from "../runtime/reporter.ts";
import { sayingOnce } from "./log/watch.ts";
import type { NixOptions } from "./nix.ts";

/** The surroundings of several calls of Nix's that serve one request. */
interface NixSession {
  readonly signal: AbortSignal;
  readonly nixArguments: readonly string[];
  /** Holds what Nix builds as long as it is there. Default: nothing holds that. */
  readonly rootsFolder?: string;
  /** Hears each note of Nix's once. */
  readonly onNote: (text: string) => void;
  /** The task that Nix works for, which hears of its builds. */
  readonly task?: TaskReporter | undefined;
}

/** The options of every call of Nix's for a request. */
export function nixSession({ onNote, task, ...options }: NixSession): NixOptions {
  return { ...options, watch: sayingOnce({ note: onNote, task }) };
}
