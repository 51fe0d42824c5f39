import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { randomNumbers } from "../../../bench/random.ts";
import { MiB } from "../../../src/base/units.ts";
import { overwrite, tool } from "../images.ts";
import { checked, outcomesOf } from "./checked.ts";
import { changed, espAt, flip, rootAt, smallDisk } from "./disks.ts";

// A verdict of ok needs something that was understood and found sound.

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
const place = (name: string): string => join(folder, name);
const disk = place("disk");

test.before(() => {
  smallDisk(disk, "gpt", folder);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

interface Stranger {
  readonly what: string;
  readonly make: (path: string) => void;
  readonly says: RegExp;
  readonly format?: string;
}

const strangers: readonly Stranger[] = [
  { what: "an empty file", make: (path) => writeFileSync(path, ""), says: /the image is empty/ },
  { what: "zeros", make: (path) => writeFileSync(path, Buffer.alloc(3 * MiB)), says: /begins and ends with zeros/ },
  {
    what: "random bytes",
    make: (path) => writeFileSync(path, noise(3 * MiB)),
    says: /no partition table and no filesys/,
  },
  {
    what: "text",
    make: (path) => writeFileSync(path, "nothing\n".repeat(100)),
    says: /no partition table and no filesys/,
  },
  ...["gzip", "xz", "zstd", "bzip2"].map((packer) => ({
    what: `a disk packed by ${packer}`,
    make: (path: string) => void tool("sh", "-c", `${packer} -c <"$1" >"$2"`, "sh", disk, path),
    says: new RegExp(`compressed as a whole by ${packer}: unpack it`),
  })),
  {
    what: "a GPT whose only partition holds noise",
    make: (path) => {
      tool("truncate", "-s", "6M", path);
      tool("sgdisk", "-n", "1:2048:+4M", path);
      overwrite(path, MiB, noise(4 * MiB));
    },
    says: /nothing that is known in any partition/,
  },
  {
    what: "a VMDK that reads as zeros",
    make: (path) => void tool("qemu-img", "create", "-q", "-f", "vmdk", path, "8M"),
    says: /begins and ends with zeros/,
    format: "vmdk",
  },
];

for (const { what, make, says, format } of strangers) {
  test(`${what}: no verdict, but where that is allowed`, async (t) => {
    const image = place(what.replaceAll(" ", "-"));
    make(image);
    const wishes = format === undefined ? {} : { format };
    const result = await checked(image, wishes);
    t.deepEqual([result.failed, outcomesOf(result)["contents"]], [0, "unknown"], result.text);
    t.true(result.unknown > 0);
    t.regex(result.text, says);
    const allowed = await checked(image, { ...wishes, allowUnknown: true });
    t.deepEqual([allowed.failed, allowed.unknown, outcomesOf(allowed)["contents"]], [0, 0, "note"]);
    t.regex(allowed.text, says);
  });
}

test("a disk with a table and no partitions is understood", async (t) => {
  const image = place("unpartitioned");
  tool("truncate", "-s", "4M", image);
  tool("sgdisk", "--clear", image);
  const result = await checked(image);
  t.deepEqual([result.failed, result.unknown], [0, 0], result.text);
});

test("an MBR without partitions is understood, and a boot sector's mark alone is none", async (t) => {
  const image = place("label");
  tool("truncate", "-s", "4M", image);
  tool("sh", "-c", 'echo "label: dos" | sfdisk --quiet "$1"', "sh", image);
  const label = await checked(image);
  t.deepEqual([label.failed, label.unknown], [0, 0], label.text);
  overwrite(image, 440, Buffer.alloc(4));
  t.is((await checked(image)).unknown, 1);
});

test("what is only known by its mark is no verdict alone, and enough beside something sound", async (t) => {
  const image = place("swap");
  tool("truncate", "-s", "4M", image);
  tool("mkswap", image);
  const alone = await checked(image);
  t.deepEqual([alone.failed, alone.unknown], [0, 1]);
  t.regex(alone.text, /nothing was checked: there is only swap/);
  const beside = await checked([disk, image]);
  t.deepEqual([beside.failed, beside.unknown], [0, 0], beside.text);
  const withStranger = await checked([disk, stranger()]);
  t.deepEqual([withStranger.failed, withStranger.unknown], [0, 1], withStranger.text);
  t.regex(withStranger.text, /unknown .*stranger: contents/);
});

const lost: readonly { readonly what: string; readonly hurt: (copy: string) => void; readonly says: RegExp }[] = [
  { what: "an ext4 without its mark", hurt: (copy) => flip(copy, rootAt + 1024 + 0x38), says: /lost its mark/ },
  {
    what: "an ext4 with nothing where its superblock was",
    hurt: (copy) => {
      tool("mkfs.ext4", "-q", "-F", "-b", "1024", "-g", "1024", "-E", `offset=${rootAt}`, copy, "6M");
      overwrite(copy, rootAt, Buffer.alloc(4096));
      // As if it had groups of the usual size: its second one begins there.
      const copied = readFileSync(copy).subarray(rootAt + 1025 * 1024, rootAt + 1026 * 1024);
      truncateSync(copy, 24 * MiB);
      tool("sgdisk", "--move-second-header", "--delete=2", "--new=2:10240:+18M", copy);
      overwrite(copy, rootAt + 8193 * 1024, copied);
    },
    says: /without its superblock, of which byte \d+ has a copy/,
  },
  {
    what: "a FAT whose sectors have no size",
    hurt: (copy) => flip(copy, espAt + 11),
    says: /EFI system partition that/,
  },
];

for (const { what, hurt, says } of lost) {
  test(`${what} fails`, async (t) => {
    const result = await checked(changed(disk, hurt));
    t.true(result.failed > 0, result.text);
    t.regex(result.text, says);
  });
}

test("a root of which nothing is left that is known has no verdict, whatever else is sound", async (t) => {
  const image = changed(disk, (copy) => overwrite(copy, rootAt, noise(64 * 1024)));
  const result = await checked(image);
  t.deepEqual([result.failed, result.unknown, outcomesOf(result)["partition 2"]], [0, 1, "unknown"], result.text);
  const allowed = await checked(image, { allowUnknown: true });
  t.deepEqual([allowed.unknown, outcomesOf(allowed)["partition 2"]], [0, "note"], allowed.text);
});

test("noise has no verdict where nobody knows the partition's type, and is a note in one that holds no filesystem", async (t) => {
  const typed = (type: string) =>
    changed(disk, (copy) => {
      overwrite(copy, rootAt, noise(64 * 1024));
      tool("sgdisk", `--typecode=2:${type}`, copy);
    });
  for (const [type, outcome] of [
    ["11111111-2222-4333-8444-555555555555", "unknown"],
    ["EF02", "note"],
  ] as const) {
    const result = await checked(typed(type));
    t.deepEqual([result.failed, outcomesOf(result)["partition 2"]], [0, outcome], result.text);
  }
});

test("a root that is blank, or bcachefs by its mark, is a note beside what is sound", async (t) => {
  const blank = Buffer.alloc(6 * MiB);
  const mark = Buffer.from("c68573f666ce90a9d96a60cf803df7ef", "hex");
  for (const [content, says] of [
    [blank, /no filesystem/],
    [Buffer.concat([Buffer.alloc(4096 + 24), mark, blank]).subarray(0, blank.length), /bcachefs: not checked/],
  ] as const) {
    const result = await checked(changed(disk, (copy) => overwrite(copy, rootAt, content)));
    t.deepEqual([result.failed, result.unknown, outcomesOf(result)["partition 2"]], [0, 0, "note"], result.text);
    t.regex(result.text, says);
  }
});

const fats = { 16: "16M", 32: "40M" } as const;

for (const [bits, size] of Object.entries(fats)) {
  test(`a FAT${bits} whose first sector is damaged fails`, async (t) => {
    const image = fat(bits, size);
    t.is((await checked(image)).failed, 0);
    const jump = await checked(changed(image, (copy) => flip(copy, 0, 0x33)));
    t.is(outcomesOf(jump)["disk"], "failed");
    t.regex(jump.text, /does not begin with a jump instruction/);
    const parameters = await checked(changed(image, (copy) => flip(copy, 11)));
    t.is(outcomesOf(parameters)["disk"], "failed", parameters.text);
    t.regex(parameters.text, /FAT filesystem whose boot sector makes no sense|vfat by its mark/);
  });
}

test("a FAT32 with nothing where its boot sector was fails by its copy", async (t) => {
  const result = await checked(changed(fat("32", "40M"), (copy) => overwrite(copy, 0, Buffer.alloc(512))));
  t.is(outcomesOf(result)["disk"], "failed");
  t.regex(result.text, /without its boot sector, of which sector 6 has a copy/);
});

test("a VMDK of several files, whether they are there or not, is refused with their names", async (t) => {
  const flat = place("flat.vmdk");
  tool("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", flat, "2M");
  const both = await checked(flat);
  t.is(both.failed, 1);
  t.regex(both.text, /takes bytes from other files: .*flat-flat\.vmdk/);
  rmSync(place("flat-flat.vmdk"));
  const missing = await checked(flat);
  t.is(missing.failed, 1);
  t.regex(missing.text, /takes bytes from other files: .*flat-flat\.vmdk/);
  const split = place("split.vmdk");
  tool("qemu-img", "create", "-q", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", split, "2M");
  t.regex((await checked(split)).text, /takes bytes from other files: .*split-s001\.vmdk/);
});

function fat(bits: string, size: string): string {
  const image = place(`fat${bits}-${(fatCount += 1)}`);
  tool("truncate", "-s", size, image);
  tool("mkfs.vfat", "-F", bits, ...(bits === "32" ? ["-s", "1"] : []), image);
  return image;
}

let fatCount = 0;

function stranger(): string {
  mkdirSync(place("other"), { recursive: true });
  const path = join(place("other"), "stranger");
  writeFileSync(path, noise(MiB));
  return path;
}

function noise(length: number): Buffer {
  const random = randomNumbers(3);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}
