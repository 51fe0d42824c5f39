import { MkimageError } from "../base/errors.ts";
import type { NixLog } from "./log/nix-log.ts";
import { nixFault } from "./nix-error.ts";

/** A call of Nix's that failed. */
export class NixFailure extends Error {
  /** The command, ready to paste. */
  readonly command: string;
  readonly log: NixLog;

  constructor(command: string, log: NixLog, cause: unknown) {
    super("Nix failed", { cause });
    this.command = command;
    this.log = log;
  }
}

interface Explanation {
  readonly hint?: string | undefined;
  /** Whether all that Nix said comes behind its decisive lines. */
  readonly wantsTrace?: boolean;
}

/** The error of a call that failed: Nix's decisive lines first, the last lines of the build that failed, the command last. */
export function failureError(purpose: string, failure: NixFailure, { hint, wantsTrace }: Explanation): MkimageError {
  const { log, command } = failure;
  const fault = nixFault(log.messages);
  const said = log.messages.flatMap(({ text }) => text.split("\n")).filter((line) => line.trim() !== "");
  if (fault === undefined) {
    return new MkimageError("RESOLVE_FAILED", `${purpose} failed`, {
      details: [...said.slice(-shownLines), command],
      cause: failure,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const [first = "", ...more] = fault.lines;
  const place = fault.place === undefined ? [] : [`at ${fault.place}`];
  const details = [`error: ${first}`, ...more, ...place, ...buildLines(fault.lines.join("\n"), log)];
  const advice =
    hint ?? (fault.isTraced && wantsTrace !== true ? "--show-trace has Nix say how it came there" : undefined);
  return new MkimageError("RESOLVE_FAILED", `${purpose} failed`, {
    details: [...details, ...(wantsTrace === true ? said : []), command],
    cause: failure,
    ...(advice === undefined ? {} : { hint: advice }),
  });
}

const shownLines = 20;

/** The last lines of the builds that an error names. */
function buildLines(message: string, log: NixLog): string[] {
  const derivations = [...new Set(message.match(/\/nix\/store\/[0-9a-z]{32}-[^\s'"^]+\.drv/g))];
  return derivations.flatMap((derivation) => {
    const name = derivation.replace(/^.{44}/, "").replace(/\.drv$/, "");
    return log.linesOf(derivation).map((line) => `${name}> ${line}`);
  });
}
