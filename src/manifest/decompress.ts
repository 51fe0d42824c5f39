import { closeSync, constants, openSync, readSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { naming } from "../process/naming.ts";
import { run, type RunOptions } from "../process/run.ts";
import { findTool, type Tool } from "../process/tools.ts";

const compressors: readonly (readonly [magic: string, tool: Tool])[] = [
  ["1f8b", "gzip"],
  ["28b52ffd", "zstd"],
  ["fd377a585a00", "xz"],
  ["425a68", "bzip2"],
];

/**
 * The path of a file with the same bytes uncompressed: itself when it is so already, else a new file in `scratchFolder`,
 * which stays until the caller removes that folder. gzip, zstd, xz and bzip2 are known by their first bytes.
 *
 * @throws MkimageError MISSING_TOOL, COMMAND_FAILED (a damaged file, no space left).
 */
export async function decompressed(path: string, scratchFolder: string, options: RunOptions = {}): Promise<string> {
  const start = firstBytes(path);
  const tool = compressors.find(([magic]) => start.startsWith(magic))?.[1];
  if (tool === undefined) return path;
  const output = join(await mkdtemp(join(scratchFolder, "decompressed-")), "file");
  await run("sh", decompressArguments(findTool(tool), path, output), options);
  return output;
}

/** The arguments of `sh` that decompress a file into another. Pure. */
export function decompressArguments(tool: string, input: string, output: string): string[] {
  return ["-c", 'exec "$1" -dc <"$2" >"$3"', "sh", tool, input, output];
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
