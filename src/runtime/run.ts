import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { execa, type Options, type Result } from "execa";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize, GiB, MiB } from "../base/units.ts";
import { descendantsOf } from "./descendants.ts";
import { quoteArguments } from "../base/quote.ts";
import { type LineReader, lineReader } from "./line-reader.ts";
import { findTool, lookUpTool, type Tool } from "./tools.ts";
import { currentWitness } from "./witness.ts";

/** Sends a signal to a command, if it has not ended. */
type SendSignal = (name: NodeJS.Signals) => void;

/** How a command runs. Its environment is ours with LC_ALL=C and TZ=UTC, so that its output can be read. */
export interface RunOptions {
  /** Ends the command and what it has started with SIGTERM, and the command with SIGKILL five seconds later. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the signal comes, instead of ending the command: with what sends it a signal of the caller's choice. It ends when it
   * sees fit, and its exit code counts.
   */
  readonly onSignal?: (send: SendSignal) => void;
  /** Default: 600. */
  readonly deadlineSeconds?: number;
  readonly input?: string | Uint8Array | Readable;
  readonly limits?: ProgramLimits;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** How standard output is read: `latin1` keeps bytes as they are, one character each. Default: utf8. */
  readonly encoding?: "utf8" | "latin1";
  /** An open file that the program inherits as its standard input, instead of `input`. */
  readonly descriptor?: number;
  /** Open files that the program inherits besides, and all that it starts. */
  readonly inherited?: readonly number[];
  /** Gives the program a process group of its own, away from the terminal. */
  readonly ownGroup?: true;
  /** Called with each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** The same as bytes, which then are not kept. */
  readonly onBytes?: (piece: Uint8Array) => void;
  /** Called with each piece of standard error as it comes. */
  readonly onErrors?: (text: string) => void;
  /**
   * Called with each line of standard error, which then is not kept; it gives what that says to people, of which an error has
   * the last lines.
   */
  readonly onErrorLine?: (line: string) => readonly string[];
  /** More standard output than this is a failure. Default: 1 GiB. */
  readonly maxOutput?: Bytes;
  /** How many lines of a failed command's output its error has. Default: 20. */
  readonly shownLines?: number;
}

/** The resource limits of a program: beyond them the kernel ends it with a signal, or gives it no more memory. */
export interface ProgramLimits {
  readonly cpuSeconds: number;
  readonly memory: Bytes;
}

interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs an external program to its end. The program dies with this process, whatever happens to it.
 *
 * @throws MkimageError MISSING_TOOL, COMMAND_FAILED (with the exact command, ready to paste, and its last lines),
 *   COMMAND_TIMED_OUT, NO_SPACE, INTERRUPTED.
 */
export async function run(tool: Tool, arguments_: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const argv = [findTool(tool), ...arguments_];
  currentWitness()?.command(argv);
  const [file, ...rest] = bound(limited(argv, options.limits)) as [string, ...string[]];
  // Before the command itself ends: then its children are nobody's.
  const endChildren = (): void => {
    if (child.pid === undefined) return;
    const { pid } = child;
    if (options.onSignal !== undefined) options.onSignal((name) => send(pid, name));
    else descendantsOf(pid).forEach((one) => send(one, "SIGTERM"));
  };
  options.signal?.addEventListener("abort", endChildren);
  const child = execa(file, rest, execaOptions(options));
  child.stdout?.on("data", (chunk: Buffer) => {
    options.onOutput?.(String(chunk));
    options.onBytes?.(chunk);
  });
  const said = options.onErrorLine === undefined ? undefined : new LastLines(options.onErrorLine, options.shownLines);
  child.stderr?.on("data", (chunk: Buffer) => {
    options.onErrors?.(String(chunk));
    said?.read(chunk);
  });
  const result = await child;
  said?.end();
  options.signal?.removeEventListener("abort", endChildren);
  if (result.failed) throw commandError(argv, { ...result, stderr: result.stderr ?? said?.text }, options);
  return { stdout: result.stdout ?? "", stderr: result.stderr ?? "" };
}

/** Lines beyond this many characters are cut; nobody reads them. */
const longestErrorLine = 4 * MiB;

/** The last of what lines of standard error say to people, where somebody reads them. */
class LastLines {
  readonly #decoder = new StringDecoder("utf8");
  readonly #lines: string[] = [];
  readonly #reader: LineReader;

  constructor(sayings: Required<RunOptions>["onErrorLine"], shownLines = defaultShownLines) {
    this.#reader = lineReader((line) => {
      this.#lines.push(...sayings(line));
      this.#lines.splice(0, this.#lines.length - shownLines);
    }, longestErrorLine);
  }

  read(chunk: Buffer): void {
    this.#reader(this.#decoder.write(chunk));
  }

  end(): void {
    this.#reader.end();
  }

  get text(): string {
    return this.#lines.join("\n");
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The same command, killed by the kernel when the process that started it dies. */
export function bound(argv: readonly string[]): string[] {
  const setpriv = lookUpTool("setpriv");
  return setpriv === undefined ? [...argv] : [setpriv, "--pdeathsig", "KILL", "--", ...argv];
}

function limited(argv: readonly string[], limits: ProgramLimits | undefined): readonly string[] {
  const prlimit = limits === undefined ? undefined : lookUpTool("prlimit");
  if (limits === undefined || prlimit === undefined) return argv;
  return [prlimit, `--cpu=${limits.cpuSeconds}`, `--data=${limits.memory}`, "--", ...argv];
}

const mostOutput: Bytes = GiB;

function execaOptions(options: RunOptions) {
  return {
    reject: false,
    stripFinalNewline: false,
    buffer: { stdout: options.onBytes === undefined, stderr: options.onErrorLine === undefined },
    maxBuffer: options.maxOutput ?? mostOutput,
    encoding: options.encoding ?? "utf8",
    timeout: (options.deadlineSeconds ?? 600) * 1000,
    env: { LC_ALL: "C", TZ: "UTC", ...options.environment },
    ...(options.signal === undefined || options.onSignal !== undefined ? {} : { cancelSignal: options.signal }),
    detached: options.ownGroup ?? false,
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    ...(options.input === undefined ? { stdio: streams(options) } : { input: options.input }),
  } satisfies Options;
}

/** Scripts have use of 3 themselves. Execa takes any open descriptor; its types know only its own. */
function streams({ descriptor, inherited = [] }: RunOptions) {
  const further = inherited.length === 0 ? [] : (["ignore", ...inherited.map((one) => one as 0)] as const);
  return [descriptor === undefined ? "ignore" : (descriptor as 0), "pipe", "pipe", ...further] as const;
}

function commandError(
  argv: readonly string[],
  result: Result<ReturnType<typeof execaOptions>>,
  options: RunOptions,
): MkimageError {
  const command = quoteArguments(argv);
  if (result.isCanceled) return new MkimageError("INTERRUPTED", "interrupted", { cause: result });
  if (result.timedOut) {
    return new MkimageError("COMMAND_TIMED_OUT", `${argv[0]} did not end within ${options.deadlineSeconds ?? 600} s`, {
      details: [command, ...lastLines(result, options)],
    });
  }
  if (result.isMaxBuffer) {
    const most = formatSize(options.maxOutput ?? mostOutput);
    return new MkimageError("COMMAND_FAILED", `${argv[0]} printed more than ${most}`, { details: [command] });
  }
  if (lastLines(result, options).some((line) => fullDisk.test(line))) {
    const where = options.folder === undefined ? "" : ` in ${options.folder}`;
    return new MkimageError("NO_SPACE", `no space is left${where} for what ${argv[0]} writes`, {
      details: [command, ...lastLines(result, options)],
      hint: "make room, or choose a folder on another disk",
    });
  }
  if (result.exitCode === undefined && result.signal === undefined) {
    return new MkimageError(
      "COMMAND_FAILED",
      `${argv[0]} could not be started: ${result.code ?? result.originalMessage}`,
      {
        details: [command],
        hint: "allow more open files and processes, and look whether there is memory: ulimit -n, ulimit -u, free",
        cause: result.cause,
      },
    );
  }
  const how = result.signal === undefined ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
  return new MkimageError("COMMAND_FAILED", `${argv[0]} failed with ${how}`, {
    details: [command, ...lastLines(result, options)],
    cause: result.cause,
  });
}

const defaultShownLines = 20;

/** The messages of the C library for a file that cannot grow. */
const fullDisk = /No space left on device|Disk quota exceeded|File too large/;

function lastLines(
  result: { readonly stdout?: unknown; readonly stderr?: unknown },
  { shownLines = defaultShownLines }: RunOptions,
): string[] {
  const output = `${String(result.stdout ?? "")}${String(result.stderr ?? "")}`;
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  return lines.slice(Math.max(0, lines.length - shownLines));
}
