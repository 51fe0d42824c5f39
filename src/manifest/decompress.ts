import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize, GiB } from "../base/units.ts";
import { naming } from "../runtime/naming.ts";
import { run, type RunOptions } from "../runtime/run.ts";
import { findTool, type Tool } from "../runtime/tools.ts";

interface Compressor {
  readonly magic: string;
  readonly tool: Tool;
  readonly flags: readonly string[];
}

/** xz takes as much memory as a file asks for, unless it is told not to; zstd has such a limit by itself. */
const compressors: readonly Compressor[] = [
  { magic: "1f8b", tool: "gzip", flags: [] },
  { magic: "28b52ffd", tool: "zstd", flags: [] },
  { magic: "fd377a585a00", tool: "xz", flags: ["--memlimit-decompress=256MiB"] },
  { magic: "425a68", tool: "bzip2", flags: [] },
];

/** Files of a root become a tenth by compression, or less; zeros become a thousandth. */
const mostTimes = 100;
const alwaysAllowed: Bytes = GiB;

/**
 * The path of a file with the same bytes uncompressed: itself when it is so already, else a new file in `scratchFolder`,
 * which stays until the caller removes that folder. gzip, zstd, xz and bzip2 are known by their first bytes.
 *
 * @throws MkimageError BAD_REQUEST for a file that unpacks to 100 times its size and more than 1 GiB; MISSING_TOOL,
 *   COMMAND_FAILED (a damaged file), NO_SPACE.
 */
export async function decompressed(path: string, scratchFolder: string, options: RunOptions = {}): Promise<string> {
  const start = firstBytes(path);
  const compressor = compressors.find(({ magic }) => start.startsWith(magic));
  if (compressor === undefined) return path;
  // It resolves the folder for temporary files while it is loaded, which need not be there.
  const { dir } = await import("tmp-promise");
  const output = join((await dir({ tmpdir: scratchFolder, prefix: "decompressed" })).path, "file");
  const most = Math.max(alwaysAllowed, mostTimes * statSync(path).size);
  const { tool, flags } = compressor;
  try {
    await run("sh", decompressArguments([findTool(tool), ...flags], { input: path, output, most }), options);
  } catch (error) {
    throw isCutOff(error, output, most) ? tooLarge(path, most, error) : error;
  }
  return output;
}

interface Decompression {
  readonly input: string;
  readonly output: string;
  /** The output is cut off there, and the command fails. */
  readonly most: Bytes;
}

/** The arguments of `sh` that decompress a file into another. Pure. */
export function decompressArguments(program: readonly string[], { input, output, most }: Decompression): string[] {
  // Source: POSIX, ulimit: in blocks of 512 bytes.
  const script = 'input=$1 output=$2; ulimit -f "$3"; shift 3; exec "$@" -dc <"$input" >"$output"';
  return ["-c", script, "sh", input, output, `${Math.ceil(most / 512)}`, ...program];
}

/** The kernel ends whoever writes on, unless they want to hear of it themselves. */
function isCutOff(error: unknown, output: string, most: Bytes): boolean {
  if (!(error instanceof MkimageError)) return false;
  const heard = error.details.some((line) => line.includes("File too large"));
  return (
    heard ||
    error.message.endsWith("signal SIGXFSZ") ||
    (statSync(output, { throwIfNoEntry: false })?.size ?? 0) >= most
  );
}

function tooLarge(path: string, most: Bytes, cause: unknown): MkimageError {
  const hint = "if it is meant to be so large, unpack it and give the archive itself";
  return new MkimageError(
    "BAD_REQUEST",
    `${path} unpacks to more than ${formatSize(most)}, ${mostTimes} times its size`,
    {
      hint,
      cause,
    },
  );
}

function firstBytes(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(6);
    const length = naming(path, () => readSync(file, bytes, 0, bytes.length, 0));
    return bytes.toString("hex", 0, length);
  } finally {
    closeSync(file);
  }
}
