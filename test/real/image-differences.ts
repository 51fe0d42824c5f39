import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { judge, type Report } from "./mkimage.ts";

/** Where two raw images of one layout differ: bytes outside of partitions, partitions, and the files in them. */
export function imageDifferences(one: string, other: string, { disks }: Report, folder: string): string[] {
  const partitions = disks[0]?.table?.partitions ?? [];
  const firsts = partitions.map(({ first }) => first);
  const spans = [
    { name: "before the partitions", start: 0, end: Math.min(...firsts) * 512 },
    ...partitions.map(({ number, first, last }) => ({
      name: `partition ${number}`,
      start: first * 512,
      end: (last + 1) * 512,
    })),
  ];
  return spans.flatMap(({ name, start, end }) => {
    const [mine, theirs] = [one, other].map((image, index) => {
      const part = join(folder, `${index}-part`);
      const range = [`skip=${start}`, `count=${end - start}`, "iflag=skip_bytes,count_bytes"];
      judge("dd", `if=${image}`, `of=${part}`, "bs=1M", "status=none", ...range);
      return part;
    }) as [string, string];
    const bytes = spawnSync("cmp", [mine, theirs], { encoding: "utf8" });
    if (bytes.status === 0) return [];
    return [`${name}: ${bytes.stdout.trim()}`, ...fileDifferences(mine, theirs, join(folder, name))];
  });
}

function fileDifferences(one: string, other: string, folder: string): string[] {
  const trees = [one, other].map((part, index) => {
    const tree = join(folder, String(index));
    mkdirSync(tree, { recursive: true });
    // One of the two reads it, or none: then there are no files to compare.
    spawnSync("mcopy", ["-s", "-m", "-n", "-i", part, "::/", tree]);
    spawnSync("/sbin/debugfs", ["-R", `rdump / ${tree}`, part]);
    return tree;
  }) as [string, string];
  const found = spawnSync("diff", ["-r", "-U0", "--no-dereference", ...trees], { encoding: "utf8" }).stdout;
  return found === "" ? ["the same files, laid out differently"] : found.split("\n").slice(0, 40);
}
