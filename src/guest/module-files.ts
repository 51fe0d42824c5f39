import { copyFileSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { run } from "../runtime/run.ts";
import type { GuestKernel } from "./kernel.ts";
import { loadOrder } from "./modules.ts";

/** A module of a kernel, unpacked. */
export interface ModuleFile {
  /** `ext4.ko` */
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Reads modules of a kernel, with those that they need, in the order in which they are to be loaded. Those that are built in,
 * or that the kernel does not have, are left out.
 *
 * @param workFolder where compressed ones are unpacked for a moment.
 */
export async function readModuleFiles(
  kernel: GuestKernel,
  names: readonly string[],
  workFolder: string,
): Promise<ModuleFile[]> {
  const paths = loadOrder(kernel.modules, names).map((file) => join(kernel.modulesFolder, file));
  const unpacked = await unpackXz(
    paths.filter((path) => path.endsWith(".xz")),
    workFolder,
  );
  return paths.map((path) => {
    const bytes = readFileSync(unpacked.get(path) ?? path);
    return { name: basename(path).replace(/\.ko\..*$/, ".ko"), bytes: unpack(path, bytes) };
  });
}

function unpack(path: string, bytes: Buffer): Buffer {
  if (path.endsWith(".gz")) return gunzipSync(bytes);
  return path.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
}

/** All at once, since starting xz costs more than its work. */
async function unpackXz(paths: readonly string[], workFolder: string): Promise<Map<string, string>> {
  const copies = new Map(paths.map((path, index) => [path, join(workFolder, `${index}.ko`)]));
  if (copies.size === 0) return copies;
  for (const [path, copy] of copies) copyFileSync(path, `${copy}.xz`);
  await run("xz", xzArguments([...copies.values()].map((copy) => `${copy}.xz`)));
  return copies;
}

/** The arguments that unpack files and remove what was packed. */
function xzArguments(paths: readonly string[]): string[] {
  return ["--decompress", "--force", "--", ...paths];
}
