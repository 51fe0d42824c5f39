import { formatSize } from "../../base/units.ts";
import { currentWitness } from "../../runtime/witness.ts";
import { type Build, Builds, isLogLine } from "./builds.ts";
import { activityTypes, type Count, Counts } from "./counts.ts";
import { type LogLine, type LogMessage, parseLogLine } from "./line.ts";
import type { NixWatch } from "./watch.ts";

/** So many messages of a call are kept for its error, the last ones. */
const keptMessages = 1000;
/** Lines say how far all is, no more often than that. */
const millisecondsBetweenLines = 10_000;
const millisecondsBetweenDetails = 250;
const shownBuilds = 3;

/** The log of one call of Nix's, read while it comes. */
export class NixLog {
  readonly #watch: NixWatch | undefined;
  readonly #counts = new Counts();
  readonly #builds = new Builds();
  readonly #messages: LogMessage[] = [];
  #failed = 0;
  #shown = "";
  #lastShown = -Infinity;
  #lastLine = performance.now();

  constructor(watch: NixWatch | undefined) {
    this.#watch = watch;
  }

  /** The last messages. */
  get messages(): readonly LogMessage[] {
    return this.#messages;
  }

  /** The last lines of the build of a derivation. */
  linesOf(derivation: string): readonly string[] {
    return this.#builds.of(derivation)?.lines ?? [];
  }

  /** Reads a line of standard error, and gives what it says to people. */
  read(text: string): readonly string[] {
    const line = parseLogLine(text);
    this.#counts.take(line);
    const build = this.#builds.take(line);
    if (line.kind === "message") return this.#say(line);
    if (line.kind === "other")
      return line.text === "" ? [] : this.#say({ level: 1, text: line.text, decisive: undefined });
    if (build !== undefined) this.#hear(line, build);
    this.#show(line);
    return [];
  }

  #say(message: LogMessage): readonly string[] {
    if (message.level > 2) return [];
    this.#messages.push(message);
    if (this.#messages.length > keptMessages) this.#messages.shift();
    if (!isError(message)) this.#watch?.note(message.text.replace(/^(?:trace: )?(?:evaluation )?warning: /, ""));
    return message.text.split("\n");
  }

  /** The lines of a build, and its end. */
  #hear(line: LogLine, { name, lines, start }: Build): void {
    if (line.kind === "result" && isLogLine(line.type)) currentWitness()?.output(`${name}> ${lines.at(-1) ?? ""}`);
    if (line.kind !== "stop") return;
    const { failed } = this.#counts.of(activityTypes.builds);
    const outcome = failed > this.#failed ? "failed" : "built";
    this.#failed = failed;
    this.#watch?.task?.step(`${outcome} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  }

  #show(line: LogLine): void {
    const task = this.#watch?.task;
    // Bytes come in small pieces.
    if (
      task === undefined ||
      (line.kind === "result" && performance.now() - this.#lastShown < millisecondsBetweenDetails)
    )
      return;
    this.#lastShown = performance.now();
    const [builds, paths] = [this.#counts.of(activityTypes.builds), this.#counts.of(activityTypes.copyPaths)];
    const text = this.#summary(builds, paths);
    const [done, total] = [builds.done + paths.done, builds.expected + paths.expected];
    if (total > 0 && text !== this.#shown) task.counted(done, total);
    if (text !== "" && text !== this.#shown) task.detail(text);
    else if (line.kind === "start" && text === "" && line.text !== "") task.detail(line.text);
    this.#shown = text;
    if (paths.done > 0 && performance.now() - this.#lastLine > millisecondsBetweenLines) {
      this.#lastLine = performance.now();
      task.step(text);
    }
  }

  /** `1 of 4 built, 10 of 20 fetched (3 MiB of 5 MiB); building hello-2.12 (buildPhase)`. Bytes are those of unpacked files. */
  #summary(builds: Count, paths: Count): string {
    const bytes = this.#counts.of(activityTypes.copyPath);
    const sizes = `${formatSize(bytes.done)} of ${formatSize(bytes.expected)}`;
    const parts = [
      ...(builds.expected > 0 ? [`${builds.done} of ${builds.expected} built`] : []),
      ...(builds.failed > 0 ? [`${builds.failed} failed`] : []),
      ...(paths.expected > 0 ? [`${paths.done} of ${paths.expected} fetched (${sizes})`] : []),
    ];
    const { running } = this.#builds;
    const names = running.slice(0, shownBuilds).map(({ name, phase }) => (phase === "" ? name : `${name} (${phase})`));
    const more = running.length > shownBuilds ? ` and ${running.length - shownBuilds} more` : "";
    return [parts.join(", "), names.length === 0 ? "" : `building ${names.join(", ")}${more}`]
      .filter(Boolean)
      .join("; ");
  }
}

/** Whether a message is of an error, which the call's own error has, or advice on it. */
function isError({ text, decisive }: LogMessage): boolean {
  return decisive !== undefined || text.startsWith("error:") || text.startsWith("(use '--show-trace'");
}
