import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { byteString } from "../base/byte-string.ts";
import { run } from "../runtime/run.ts";
import { cpioArchive, type ArchiveEntry } from "./cpio.ts";
import type { GuestKernel } from "./kernel.ts";
import { loadOrder } from "./modules.ts";
import { vmFolder } from "./vm-folder.ts";

/** Modules that are loaded where the kernel has them: character sets of vfat, and randomness from the host. */
const optionalModules = ["virtio_rng", "nls_cp437", "nls_iso8859-1", "nls_ascii", "nls_utf8"];

/**
 * The initrd of a guest: busybox, `vm/`, and the modules in the order in which they are to be loaded. Archives
 * that are appended are unpacked on top of it.
 *
 * @param busybox as `staticBusybox` gives it.
 * @param workFolder where compressed modules are unpacked for a moment.
 */
export async function guestInitrd(
  busybox: Uint8Array,
  kernel: GuestKernel,
  modules: readonly string[],
  workFolder: string,
): Promise<Buffer> {
  const files = loadOrder(kernel.modules, [...modules, ...optionalModules]);
  const contents = await readModules(
    files.map((file) => join(kernel.modulesFolder, file)),
    workFolder,
  );
  const names = files.map((file) => basename(file).replace(/\.ko\..*$/, ".ko"));
  return cpioArchive([
    { path: "init", type: "file", mode: 0o755, bytes: readFileSync(join(vmFolder(), "init")) },
    { path: "bin/busybox", type: "file", mode: 0o755, bytes: busybox },
    ...vmEntries(),
    dataFile("lib/modules/order", Buffer.from(names.map((name) => `${name}\n`).join(""))),
    ...contents.map((bytes, index) => dataFile(`lib/modules/${names[index]}`, bytes)),
  ]);
}

function vmEntries(): ArchiveEntry[] {
  const names = readdirSync(vmFolder()).filter((name) => name !== "init");
  return names.sort().map((name) => {
    const bytes = readFileSync(join(vmFolder(), name));
    return { path: byteString(`vm/${name}`), type: "file", mode: 0o755, bytes };
  });
}

function dataFile(path: string, bytes: Uint8Array): ArchiveEntry {
  return { path: byteString(path), type: "file", mode: 0o644, bytes };
}

async function readModules(paths: readonly string[], workFolder: string): Promise<Buffer[]> {
  const unpacked = await unpackXz(
    paths.filter((path) => path.endsWith(".xz")),
    workFolder,
  );
  return paths.map((path) => {
    const bytes = readFileSync(unpacked.get(path) ?? path);
    if (path.endsWith(".gz")) return gunzipSync(bytes);
    return path.endsWith(".zst") ? zstdDecompressSync(bytes) : bytes;
  });
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
