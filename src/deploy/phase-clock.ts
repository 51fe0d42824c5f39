import { MkimageError } from "../base/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Phase, statesOf } from "./phases.ts";

/** How long a phase took. */
export interface PhaseTime {
  readonly phase: Phase;
  readonly seconds: number;
}

/** Runs phases, and knows how long each took and in what state the target is. */
export class PhaseClock {
  readonly #chosen: readonly Phase[];
  readonly #clock: Clock;
  readonly #times: PhaseTime[] = [];
  #reached: Phase | undefined;

  constructor(chosen: readonly Phase[], clock: Clock) {
    this.#chosen = chosen;
    this.#clock = clock;
  }

  get times(): readonly PhaseTime[] {
    return this.#times;
  }

  /** Runs a phase if it is one of those that were chosen. */
  async run<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result | undefined> {
    return this.#chosen.includes(phase) ? await this.always(phase, work) : undefined;
  }

  /** Runs a phase that nothing goes without. */
  async always<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
    this.#reached = phase;
    const start = this.#clock.now();
    const result = await work();
    this.#times.push({ phase, seconds: this.#clock.now() - start });
    return result;
  }

  /** The state of the target after a failure, as a sentence without its subject. */
  get state(): string {
    return statesOf[this.#reached ?? "facts"];
  }

  /** The same error, which says in which state the target is. */
  withState(error: unknown, destination: string): unknown {
    if (!(error instanceof MkimageError)) return error;
    const state = `${destination}: ${this.state}`;
    const hint = error.hint === undefined ? state : `${error.hint}; ${state}`;
    return new MkimageError(error.code, error.message, { details: error.details, hint, cause: error });
  }
}
