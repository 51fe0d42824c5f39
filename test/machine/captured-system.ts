import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";
import type { SystemFolders } from "../../src/machine/system-files.ts";

/** The kernel's files of a machine that is not this one: path to text, `-> target` for a symlink, `/` for a folder. */
export function capturedSystem(t: ExecutionContext, files: Readonly<Record<string, string>>): SystemFolders {
  const root = mkdtempSync(join(tmpdir(), "mkimage-captured-"));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(content === "/" ? place : dirname(place), { recursive: true });
    if (content.startsWith("-> ")) symlinkSync(content.slice(3), place);
    else if (content !== "/") writeFileSync(place, content, "latin1");
  }
  return { sys: join(root, "sys"), proc: join(root, "proc"), dev: join(root, "dev"), root };
}

/** A disk of 64 GiB with numbered partitions. */
export function diskFiles(name: string, number: string, partitions: Readonly<Record<string, string>> = {}) {
  const [major, minor] = number.split(":").map(Number) as [number, number];
  const folder = `sys/class/block/${name}`;
  const files: Record<string, string> = {
    [`${folder}/dev`]: `${number}\n`,
    [`${folder}/size`]: "134217728\n",
    [`${folder}/ro`]: "0\n",
    [`${folder}/queue/logical_block_size`]: "512\n",
    [`${folder}/queue/discard_max_bytes`]: "4294966784\n",
    [`${folder}/device/model`]: "SAMSUNG MZ7LH960   \n",
    [`dev/${name}`]: "",
  };
  for (const [index, partition] of Object.keys(partitions).entries()) {
    files[`${folder}/${partition}/partition`] = `${index + 1}\n`;
    files[`sys/class/block/${partition}/partition`] = `${index + 1}\n`;
    files[`sys/class/block/${partition}/dev`] = `${major}:${minor + index + 1}\n`;
    files[`sys/class/block/${partition}/start`] = "2048\n";
    files[`sys/class/block/${partition}/size`] = "1048576\n";
    files[`dev/${partition}`] = "";
    for (const holder of (partitions[partition] ?? "").split(" ").filter((word) => word !== "")) {
      files[`sys/class/block/${partition}/holders/${holder}`] = "/";
    }
  }
  return files;
}

/** A mapped device: `uuid` tells what made it. */
export function mappedFiles(
  name: string,
  {
    number,
    mapped,
    uuid,
    below,
    above = "",
  }: Record<"number" | "mapped" | "uuid" | "below", string> & { above?: string },
) {
  const folder = `sys/class/block/${name}`;
  return {
    [`${folder}/dev`]: `${number}\n`,
    [`${folder}/dm/name`]: `${mapped}\n`,
    [`${folder}/dm/uuid`]: `${uuid}\n`,
    [`${folder}/slaves/${below}`]: "/",
    [above === "" ? `${folder}/holders` : `${folder}/holders/${above}`]: "/",
    [`dev/${name}`]: "",
    [`dev/mapper/${mapped}`]: `-> ../${name}`,
  };
}
