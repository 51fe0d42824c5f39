import { MkimageError } from "../base/errors.ts";
import { derivationName } from "./log/builds.ts";
import type { NixLog } from "./log/nix-log.ts";
import { absentStorePath } from "./absent-path.ts";
import { type NixFault, nixFault } from "./nix-error.ts";
import { untrackedFile } from "./untracked.ts";

/** A call of Nix's that failed. */
export class NixFailure extends Error {
  /** The command, ready to paste. */
  readonly command: string;
  readonly log: NixLog;
  /** Nix's decisive words, where there are any. */
  readonly fault: NixFault | undefined;
  readonly #call: Call;

  constructor(call: Call, command: string, log: NixLog, cause: unknown) {
    super("Nix failed", { cause });
    this.command = command;
    this.log = log;
    this.fault = nixFault(log.messages);
    this.#call = call;
  }

  /** Advice on a file that Git does not track, where Nix's decisive words are about one. */
  get untracked(): string | undefined {
    return untrackedFile(this.#message, this.#call.arguments_, this.#call.folder);
  }

  /** Advice on a path that is not in the store, where they are about one. */
  get absent(): string | undefined {
    const path = /'(\/nix\/store\/[^']+)'(?:: No such file| does not exist| is not valid)/.exec(this.#message)?.[1];
    return path === undefined || path.endsWith(".drv") ? undefined : absentStorePath(path);
  }

  get #message(): string {
    return this.fault?.lines.join("\n") ?? "";
  }
}

interface Call {
  readonly arguments_: readonly string[];
  readonly folder: string | undefined;
}

interface Explanation {
  readonly hint?: string | undefined;
  /** Whether all that Nix said comes behind its decisive lines. */
  readonly wantsTrace?: boolean;
}

/** The error of a call that failed: Nix's decisive lines first, the last lines of the build that failed, the command last. */
export function failureError(purpose: string, failure: NixFailure, explanation: Explanation): MkimageError {
  const { log, command, fault } = failure;
  const said = log.messages.flatMap(({ text }) => text.split("\n")).filter((line) => line.trim() !== "");
  const decisive = fault === undefined ? said.slice(-shownLines) : decisiveLines(fault, log);
  const trace = fault !== undefined && explanation.wantsTrace === true ? said : [];
  const hint = failure.untracked ?? explanation.hint ?? failure.absent ?? traceHint(fault, explanation);
  return new MkimageError("RESOLVE_FAILED", `${purpose} failed`, {
    details: [...decisive, ...trace, command],
    cause: failure,
    ...(hint === undefined ? {} : { hint }),
  });
}

function decisiveLines({ lines: [first = "", ...more], place }: NixFault, log: NixLog): string[] {
  const where = place === undefined ? [] : [`at ${place}`];
  return [`error: ${first}`, ...more, ...where, ...buildLines([first, ...more].join("\n"), log)];
}

function traceHint(fault: NixFault | undefined, { wantsTrace }: Explanation): string | undefined {
  return fault?.isTraced === true && wantsTrace !== true ? "--show-trace has Nix say how it came there" : undefined;
}

const shownLines = 20;

/** The last lines of the builds that an error names. */
function buildLines(message: string, log: NixLog): string[] {
  const derivations = [...new Set(message.match(/\/nix\/store\/[0-9a-z]{32}-[^\s'"^]+\.drv/g))];
  return derivations.flatMap((derivation) =>
    log.linesOf(derivation).map((line) => `${derivationName(derivation)}> ${line}`),
  );
}
