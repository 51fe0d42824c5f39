import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Contender } from "./measure.ts";

const project = new URL("..", import.meta.url).pathname;
const mkimage = join(project, "bin/mkimage");

/** Ways to make a filesystem of a tree; `tar cf` comes first. */
export function rawContenders(tree: string, work: string): Contender[] {
  const image = join(work, "image");
  const archive = join(work, "tree.tar");
  const command = buildCommand(tree, "raw", work);
  const isRoot = process.getuid?.() === 0;
  return [
    { name: "tar cf", argv: ["tar", "cf", archive, "-C", tree, "."], outputs: [archive] },
    { name: "mkimage", argv: command.argv, outputs: [command.out] },
    { name: "mke2fs -d", argv: shell(mke2fsFrom("mke2fs", tree, image)), outputs: [image] },
    { name: "mke2fs -d of Debian 13", argv: shell(mke2fsFrom(mke2fsOf("trixie"), tree, image)), outputs: [image] },
    ...(isRoot ? [{ name: "mount, cp -a", argv: shell(mountAndCopy(tree, image, work)), outputs: [image] }] : []),
  ];
}

/** Ways to make a filesystem of a tree where blocks of files can be shared. */
export function sharingContenders(tree: string, work: string): Contender[] {
  const archive = join(work, "tree.tar");
  const { argv, out } = buildCommand(tree, "raw", work);
  return [
    { name: "tar cf", argv: ["tar", "cf", archive, "-C", tree, "."], outputs: [archive] },
    { name: "mkimage", argv, outputs: [out] },
    { name: "mkimage --no-reflink", argv: [...argv, "--no-reflink"], outputs: [out] },
  ];
}

/** Ways to see what is in a compressed image of a disk of 20 GB. */
export function readingContenders(tree: string, work: string): Contender[] {
  const { argv, out } = buildCommand(tree, "qcow2-compressed", work);
  execFileSync(mkimage, [...argv.slice(1), "--size", "20G"]);
  const [image, raw] = [join(out, "nixos.qcow2"), join(work, "unpacked")];
  return [
    { name: "qemu-img convert", argv: ["qemu-img", "convert", "-O", "raw", image, raw], outputs: [raw] },
    { name: "mkimage inspect", argv: [mkimage, "inspect", "--quiet", image], outputs: [join(work, "nothing")] },
  ];
}

/** Ways to make a compressed qcow2 of a tree; the first is our raw image, converted by qemu-img. */
export function compressedContenders(tree: string, compression: "zlib" | "zstd", work: string): Contender[] {
  const raw = buildCommand(tree, "raw", work);
  const direct = buildCommand(tree, "qcow2-compressed", work);
  const converted = join(work, "converted");
  const options = `-c -m 16 -W -O qcow2 -o compression_type=${compression}`;
  const convert = `qemu-img convert -f raw ${options} ${join(raw.out, "nixos.img")} ${converted}`;
  return [
    {
      name: "mkimage raw, qemu-img convert",
      argv: shell([raw.argv.join(" "), convert]),
      outputs: [raw.out, converted],
    },
    { name: "mkimage", argv: [...direct.argv, "--compression", compression], outputs: [direct.out] },
  ];
}

/** The whole of a real build, with store paths, Nix's database, partitions and systemd-boot, beside `tar cf` of the same. */
export function systemContenders(system: string | undefined, work: string): Contender[] {
  const toplevel = system ?? execFileSync(join(project, "fixtures/build"), ["large"], { encoding: "utf8" }).trim();
  const closure = execFileSync("nix-store", ["--query", "--requisites", toplevel], { encoding: "utf8" });
  const archive = join(work, "system.tar");
  const out = join(work, "out-system");
  const request = ["--partition", "efi", "--additional-space", "64M", "--no-cache"];
  return [
    { name: "tar cf", argv: ["tar", "cf", archive, ...closure.trim().split("\n")], outputs: [archive] },
    { name: "mkimage", argv: [mkimage, "build", toplevel, "--quiet", "--out", out, ...request], outputs: [out] },
  ];
}

/** A whole run of ours, which takes nothing from an earlier one, and the folder that it makes. */
export function buildCommand(tree: string, format: string, work: string): { argv: string[]; out: string } {
  const out = join(work, `out-${format}`);
  const request = [
    "--root",
    tree,
    "--partition",
    "none",
    "--format",
    format,
    "--additional-space",
    "64M",
    "--no-cache",
  ];
  return { argv: [mkimage, "build", "--quiet", "--out", out, ...request], out };
}

const flags = "-q -F -N 120000 -t ext4";

function mke2fsFrom(program: string, tree: string, image: string): string[] {
  return [...emptyFile(image), `${program} ${flags} -d ${tree} ${image}`];
}

/** The program of another Debian, unpacked: 1.47.2 copies by larger pieces than 1.47.0 does. */
function mke2fsOf(suite: string): string {
  const script = join(project, "fixtures/other-tools");
  return join(execFileSync(script, [suite, "filesystems"], { encoding: "utf8" }).trim(), "mke2fs");
}

function emptyFile(path: string): string[] {
  return [`truncate -s 3G ${path}`];
}

function mountAndCopy(tree: string, image: string, work: string): string[] {
  const mount = join(work, "mount");
  const filled = `mount -o loop ${image} ${mount}; cp -a ${tree}/. ${mount}/; umount ${mount}`;
  return [...emptyFile(image), `mke2fs ${flags} ${image}`, `mkdir -p ${mount}`, filled];
}

function shell(commands: readonly string[]): string[] {
  return ["sh", "-ec", `PATH=$PATH:/usr/sbin:/sbin; ${commands.join("; ")}`];
}
