import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Question } from "./examine.ts";

/** After so many images a process is taken that remembers nothing. */
const mostAnswers = 400;
/** Of a machine that does other things too; what a reader itself takes is measured. */
const deadline = 120_000;

/** Processes that look at images, so that none of these can take the test with it. */
export class Examiner implements Disposable {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #answers = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `hung` and `died` are outcomes, too. */
  async ask(question: Omit<Question, "folder">): Promise<Answer> {
    const folder = join(this.#folder, "temporary");
    mkdirSync(folder, { recursive: true });
    const child = (this.#child ??= fork(join(import.meta.dirname, "examine.ts"), {
      env: { ...process.env, TMPDIR: folder },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }));
    const answer = await answerOf(child, { ...question, folder });
    this.#answers += 1;
    if (this.#answers % mostAnswers === 0 || child.exitCode !== null || answer.outcome === "hung")
      this[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
    return answer;
  }

  [Symbol.dispose](): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}

function answerOf(child: ChildProcess, question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const end = (outcome: string): void =>
      settle({ outcome, text: "", isQuiet: true, cpuSeconds: 0, rss: 0, leftovers: [] });
    const died = (): void => end("died");
    const timer = setTimeout(() => end("hung"), deadline);
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      child.off("message", settle).off("exit", died);
      resolve(answer);
    };
    child.once("message", settle).once("exit", died);
    child.send(question);
  });
}
