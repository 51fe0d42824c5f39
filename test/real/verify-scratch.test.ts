import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { tool } from "../inspect/images.ts";
import { type Run, runMkimage, testFolder } from "./mkimage.ts";

// A full scratch disk says nothing about an image, whichever tool it stops.

interface Case {
  readonly what: string;
  readonly make: (folder: string) => string;
  /** Sizes of the scratch disk, from none to nearly enough. */
  readonly sizes: readonly string[];
}

const cases: readonly Case[] = [
  { what: "the copy of a FAT", make: fatImage, sizes: ["64k", "4M"] },
  { what: "an image that is unpacked", make: qcow2Image, sizes: ["64k", "4M"] },
  { what: "a journal that is replayed on a copy", make: journalImage, sizes: ["64k", "4M", "5M"] },
];

for (const { what, make, sizes } of cases) {
  test.serial(`no room for ${what}: the scratch disk is named, and no verdict given`, async (t) => {
    const folder = testFolder(t);
    const image = make(folder);
    for (const size of sizes) {
      const { exitCode, stdout, stderr } = await verifyWithin(t, image, size);
      t.is(exitCode, 9, `${size}: ${stdout}${stderr}`);
      t.false(stdout.includes("FAILED"), stdout);
      t.regex(stderr, /no space (is )?left in .*scratch/);
    }
    t.is((await verifyWithin(t, image, "64M")).exitCode, 0);
  });
}

function verifyWithin(t: ExecutionContext, image: string, size: string): Promise<Run> {
  const scratch = join(testFolder(t), `scratch-${size}`);
  mkdirSync(scratch, { recursive: true });
  const script = 'mount -t tmpfs -o "size=$2" none "$1"; export TMPDIR="$1"; shift 2; exec "$@"';
  return runMkimage(["verify", image], { through: ["unshare", "--mount", "sh", "-ec", script, "sh", scratch, size] });
}

function fatImage(folder: string): string {
  const image = join(folder, "fat");
  writeFileSync(join(folder, "content"), Buffer.alloc(12 * MiB, "content"));
  tool("truncate", "-s", "40M", image);
  tool("mkfs.vfat", image);
  tool("mcopy", "-i", image, join(folder, "content"), "::");
  return image;
}

function qcow2Image(folder: string): string {
  const image = join(folder, "fat.qcow2");
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", fatImage(folder), image);
  return image;
}

/** Changes of 3 MB that wait in a journal, for blocks that nothing uses. */
function journalImage(folder: string): string {
  const [image, blocks, commands] = ["journal", "blocks", "commands"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  tool("truncate", "-s", "64M", image);
  tool("mkfs.ext4", "-q", "-F", "-b", "1024", "-J", "size=16", image);
  writeFileSync(blocks, Buffer.alloc(3000 * 1024, "changes "));
  writeFileSync(commands, `jo\njw -b 30000-32999 ${blocks}\njc\n`);
  tool("debugfs", "-w", "-f", commands, image);
  return image;
}
