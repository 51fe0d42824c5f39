import { realpathSync } from "node:fs";
import { join } from "node:path";
import { planExt4, solveExt4Size } from "../filesystems/ext4/planned.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { takeInventory } from "../../src/guest/toolbox/inventory.ts";
import { librariesOf } from "../../src/guest/toolbox/libraries.ts";
import { toolboxTree } from "../../src/guest/toolbox/tree.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { byteString } from "../../src/base/byte-string.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { readTree } from "../../src/manifest/read-folder.ts";
import { insert, makeDirectory } from "../../src/manifest/tree.ts";
import { isTool, lookUpProgram } from "../../src/runtime/tools.ts";

const project = join(import.meta.dirname, "../..");
const time = { seconds: 1, nanoseconds: 0 };
const ownership = { mode: 0o755, uid: 0, gid: 0, mtime: time };

/** The files of a guest besides mkimage. */
export interface GuestPrograms {
  /** Of this machine's, by name. */
  readonly programs: readonly string[];
  /** Files by the path below `/toolbox/root` that a guest finds them at. */
  readonly files: Readonly<Record<string, string>>;
}

/** A toolbox with mkimage itself, its Node, and what a test needs beyond it, for `/vm/open-toolbox programs`. */
export async function programDisk(folder: string, { programs, files }: GuestPrograms): Promise<Disk> {
  const inventory = await takeInventory({ tools: programs.filter(isTool) });
  const others = programs.filter((name) => !isTool(name)).map(programPath);
  const libraries = await librariesOf([join(project, "dist/node"), ...others]);
  const tree = await toolboxTree({ ...inventory, files: [...new Set([...inventory.files, ...others, ...libraries])] });
  const bundles = ["start.cjs", "mkimage.cjs", "mkimage.cjs.compiled", "thread-main.cjs", "koffi.node"].map(
    (name) => `dist/${name}`,
  );
  for (const name of ["bin/mkimage", "dist/node", ...bundles, "package.json", "vm"])
    place(tree, `mkimage/${name}`, join(project, name));
  for (const [path, source] of Object.entries(files)) place(tree, path, source);
  const uuid = "6d6b696d-6167-4574-8f6f-6c626f780002";
  const options = { uuid, hashSeed: uuid, label: "programs", time: 1 };
  const plan = planExt4(tree, solveExt4Size(tree, 0, options), options);
  const path = join(folder, "programs");
  await writeRaw({ size: plan.size, extents: plan.extents() }, path, {});
  return { path, format: "raw", serial: "programs", access: "read-only" };
}

function programPath(name: string): string {
  const path = lookUpProgram(name);
  if (path === undefined) throw new Error(`the program ${name} is not installed`);
  return path;
}

function place(tree: DirectoryInode, path: string, source: string): void {
  const inside = byteString(join("root", path));
  makeDirectory(tree, inside.slice(0, inside.lastIndexOf("/")), ownership);
  const rules = { owner: "root", modes: "as-is", times: time, links: "break", holes: "keep", xattrs: "drop" } as const;
  insert(tree, inside, readTree(byteString(realpathSync(source)), rules));
}
