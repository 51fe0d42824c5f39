import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { compare, type Contender, type Measurement } from "./measure.ts";
import { closureShape, flatShape, makeTree } from "./tree.ts";

// `make bench [TREE=DIR] [ROUNDS=5]`: every way to fill a filesystem, in turn, on this machine. Reports; asserts nothing.

const rounds = Number(process.env["ROUNDS"] ?? 5);
const work = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "mkimage-bench-"));
const mkimage = new URL("../bin/mkimage", import.meta.url).pathname;

try {
  const tree = process.env["TREE"] ?? make("closure", closureShape);
  const flat = make("flat", flatShape);
  const results = {
    processors: cpus().length,
    rounds,
    closure: show("a closure to a raw image", compare(rawContenders(tree), rounds)),
    flat: show("a flat folder to a raw image", compare(rawContenders(flat), rounds)),
    zlib: show("a closure to a zlib qcow2", compare(compressedContenders(tree, "zlib"), rounds)),
    zstd: show("a closure to a zstd qcow2", compare(compressedContenders(tree, "zstd"), rounds)),
  };
  writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function make(name: string, shape: typeof closureShape): string {
  const folder = join(work, name);
  if (!existsSync(folder)) {
    mkdirSync(folder);
    makeTree(folder, shape);
  }
  return folder;
}

/** The first is what the ratios are taken of. */
function rawContenders(tree: string): Contender[] {
  const image = join(work, "image");
  const fresh = (): void => rmSync(image, { force: true });
  const filesystem = `truncate -s 3G ${image}`;
  return [
    { name: "tar cf", argv: ["tar", "cf", join(work, "tree.tar"), "-C", tree, "."] },
    { name: "mkimage", argv: buildCommand(tree, "raw") },
    {
      name: "mke2fs -d",
      argv: shell(`${filesystem} && mke2fs -q -F -N 120000 -t ext4 -d ${tree} ${image}`),
      before: fresh,
    },
    ...(process.getuid?.() === 0
      ? [{ name: "mount, cp -a", argv: shell(mountAndCopy(tree, image)), before: fresh }]
      : []),
  ];
}

function mountAndCopy(tree: string, image: string): string {
  const mount = join(work, "mount");
  const steps = [
    `truncate -s 3G ${image}`,
    `mke2fs -q -F -N 120000 -t ext4 ${image}`,
    `mkdir -p ${mount}`,
    `mount -o loop ${image} ${mount}`,
    `cp -a ${tree}/. ${mount}/`,
    `umount ${mount}`,
  ];
  return steps.join(" && ");
}

/** The first is our raw image, converted by qemu-img. */
function compressedContenders(tree: string, compression: "zlib" | "zstd"): Contender[] {
  const raw = join(work, "out-raw", "nixos.img");
  const options = `-c -m 16 -W -O qcow2 -o compression_type=${compression}`;
  const convert = `${buildCommand(tree, "raw").join(" ")} && qemu-img convert -f raw ${options} ${raw} ${join(work, "converted")}`;
  return [
    { name: "mkimage raw, qemu-img convert", argv: shell(convert) },
    { name: "mkimage", argv: [...buildCommand(tree, "qcow2-compressed"), "--compression", compression] },
  ];
}

function buildCommand(tree: string, format: string): string[] {
  const request = ["--root", tree, "--partition", "none", "--format", format, "--additional-space", "64M"];
  return [mkimage, "build", "--quiet", "--force", "--out", join(work, `out-${format}`), ...request];
}

function shell(script: string): string[] {
  return ["sh", "-ec", script];
}

function show(title: string, measurements: readonly Measurement[]): readonly Measurement[] {
  console.log(`\n${title} (median of ${rounds})`);
  for (const { name, median, medianRatio, peakMemory } of measurements) {
    const memory = `${Math.round(peakMemory / 1024 ** 2)} MiB`;
    console.log(
      `  ${name.padEnd(32)} ${median.toFixed(2).padStart(7)} s  × ${medianRatio.toFixed(3)}  ${memory.padStart(9)}`,
    );
  }
  return measurements;
}
