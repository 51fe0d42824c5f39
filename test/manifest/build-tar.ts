import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planExt4, solveExt4Size } from "../filesystems/ext4/planned.ts";
import { MiB } from "../../src/base/units.ts";
import { readTar } from "../../src/manifest/read-tar.ts";
import { writeClean } from "../filesystems/ext4/judges.ts";
import { options } from "../filesystems/ext4/trees.ts";

/** Reads an archive, and makes a filesystem of it that e2fsck has to find nothing against. */
export async function buildTar(bytes: Buffer, scratch: string): Promise<void> {
  const folder = mkdtempSync(join(scratch, "archive-"));
  const path = join(folder, "archive.tar");
  writeFileSync(path, bytes);
  const root = readTar(path, { owner: "as-is", times: "as-is" });
  await writeClean(planExt4(root, solveExt4Size(root, MiB, options), options), join(folder, "image"));
  rmSync(folder, { recursive: true });
}
