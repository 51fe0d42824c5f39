import { type Guests, guestsInQemu } from "../guest/guests.ts";
import { type Host, thisMachine } from "../runtime/host.ts";
import type { Reporter } from "../runtime/reporter.ts";
import type { EvaluatedSystem } from "./evaluate-settings.ts";

/** The environment of a build, the same from its first step to its last. */
export interface BuildContext {
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** SOURCE_DATE_EPOCH: seconds since 1970. */
  readonly time: number;
  /** Whether disks may share blocks with the files that they are made of. */
  readonly reflink: boolean;
  /** The folder for what other builds can use again, such as compressed clusters; `undefined`: nothing is kept. */
  readonly cache: string | undefined;
  /** Systems that were evaluated with others, by the words that name them. */
  readonly evaluated?: ReadonlyMap<string, EvaluatedSystem> | undefined;
  readonly host: Host;
  readonly guests: Guests;
}

/** Where everything but a test happens. */
export const onThisMachine = { host: thisMachine, guests: guestsInQemu } as const;
