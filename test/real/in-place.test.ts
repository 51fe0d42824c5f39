import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { GiB, MiB } from "../../src/base/units.ts";
import { type OpenImage, openImage } from "../../src/image/reading/open-image.ts";
import { factsOf } from "../../src/inspect/inspect.ts";
import { readDisk, type ReadDisk } from "../../src/inspect/read-disk.ts";
import { temporaryFolder } from "../image/folder.ts";
import { overwrite, silent, tool } from "../inspect/images.ts";

// What is read of a qcow2 in place is what is read of the raw disk.

/** Disks with something that programs look for elsewhere than at the ends of a partition. */
const disks: Readonly<Record<string, (path: string) => void>> = {
  "a GPT with FAT and ext4": (path) => {
    tool("truncate", "-s", "300M", path);
    sfdisk(path, "label: gpt\n1MiB 100MiB U\n101MiB 190MiB L\n");
    tool("mkfs.vfat", "-F", "32", "-n", "BOOT", `--offset=${MiB / 512}`, path, String(100 * 1024));
    tool("mkfs.ext4", "-q", "-L", "nixos", "-E", `offset=${101 * MiB}`, path, "190M");
  },
  "logical partitions far into the disk": (path) => {
    tool("truncate", "-s", "400M", path);
    sfdisk(path, "label: dos\n1MiB 50MiB L\n60MiB 330MiB E\n70MiB 100MiB L\n200MiB 180MiB L\n");
    tool("mkfs.ext4", "-q", "-L", "far", "-E", `offset=${200 * MiB}`, path, "100M");
  },
  "a FAT whose label is behind long tables": (path) => {
    tool("truncate", "-s", "2G", path);
    tool("mkfs.vfat", "-F", "32", "-s", "1", "-n", "FAR AWAY", path);
    overwrite(path, 71, Buffer.from("NO NAME    "));
  },
  "an ext4 and nothing else": (path) => {
    tool("truncate", "-s", "64M", path);
    tool("mkfs.ext4", "-q", "-L", "alone", path);
  },
  "nothing at all": (path) => void tool("truncate", "-s", "64M", path),
};

/** And whether they are read without unpacking all of them. */
const formats = [
  ["qcow2", "qcow2", true],
  ["a compressed qcow2", "qcow2", true, "-c"],
  ["a qcow2 with parts of clusters", "qcow2", true, "-o", "extended_l2=on"],
  ["VDI", "vdi", true],
  ["VHD", "vpc", true, "-o", "force_size=on"],
  ["VMDK", "vmdk", true],
  ["a compressed VMDK", "vmdk", false, "-o", "subformat=streamOptimized"],
  ["VHDX", "vhdx", false],
] as const;

for (const [what, make] of Object.entries(disks)) {
  test(`${what}: of any format, the same is told`, async (t) => {
    const folder = temporaryFolder(t);
    const raw = join(folder, "disk.raw");
    make(raw);
    using original = await openImage(raw, { reporter: silent });
    const wanted = await told(original);
    for (const [name, format, isInPlace, ...options] of formats) {
      const path = join(folder, `disk.${format === "vpc" ? "vhd" : format}`);
      tool("qemu-img", "convert", ...options, "-f", "raw", "-O", format, raw, path);
      using image = await openImage(path, { reporter: silent });
      // Of nothing there is nothing to unpack.
      if (what !== "nothing at all") t.is(existsSync(join(image.folder, "disk.raw")), !isInPlace, name);
      t.deepEqual(await told(image), wanted, name);
    }
  });
}

test("nothing is unpacked that is not asked for, and all of it once when it is", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, qcow2] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
  writeFileSync(raw, Buffer.alloc(64 * MiB, "not a filesystem "));
  tool("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, qcow2);
  using image = await openImage(qcow2, { reporter: silent });
  t.is(
    image.bytes.read(32 * MiB + 13, 4).toString(),
    readFileSync(raw).toString("latin1", 32 * MiB + 13, 32 * MiB + 17),
  );
  t.deepEqual(readdirSync(image.folder), []);
  const ends = await image.raw.ends(8 * MiB, 40 * MiB);
  t.true(statSync(ends).blocks * 512 <= 10 * MiB, "both ends");
  t.is(statSync(ends).size, 64 * MiB);
  const part = await image.raw.part(8 * MiB, 40 * MiB);
  t.true(
    readFileSync(part)
      .subarray(8 * MiB, 48 * MiB)
      .equals(readFileSync(raw).subarray(8 * MiB, 48 * MiB)),
  );
  const whole = await image.raw.whole();
  t.true(readFileSync(whole).equals(readFileSync(raw)));
  t.deepEqual([await image.raw.ends(0, 1), await image.raw.part(0, 1), await image.raw.whole()], [whole, whole, whole]);
});

test("whoever interrupts it while a part is unpacked is heard", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, qcow2] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
  writeFileSync(raw, Buffer.alloc(8 * MiB, "x"));
  tool("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, qcow2);
  const controller = new AbortController();
  using image = await openImage(qcow2, { reporter: silent, signal: controller.signal });
  const unpacked = image.raw.part(0, image.size);
  controller.abort();
  await t.throwsAsync(unpacked, { code: "INTERRUPTED" });
});

test("a table of a disk of terabytes costs its bytes, and no more", async (t) => {
  const path = join(temporaryFolder(t), "disk.qcow2");
  tool("qemu-img", "create", "-q", "-f", "qcow2", path, "8T");
  tool("qemu-io", "-f", "qcow2", "-c", `write -P 5 ${7 * 1024 * GiB} 64k`, path);
  using image = await openImage(path, { reporter: silent });
  t.is(image.bytes.nextData(0), 7 * 1024 * GiB);
  t.is(image.bytes.nextHole(7 * 1024 * GiB), 7 * 1024 * GiB + 65_536);
  t.true(statSync(await image.raw.part(0, image.size)).blocks * 512 <= 2 * MiB);
});

test("what refcounts say of other clusters than the tables is damage, as it is to QEMU", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, qcow2] = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
  writeFileSync(raw, Buffer.alloc(MiB, "x"));
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
  const table = Number(readFileSync(qcow2).readBigUInt64BE(48));
  const block = Number(readFileSync(qcow2).readBigUInt64BE(table));
  overwrite(qcow2, block, Buffer.alloc(16));
  await t.throwsAsync(openImage(qcow2, { reporter: silent }), { code: "BAD_IMAGE", message: /is damaged/ });
});

function sfdisk(path: string, script: string): void {
  const file = `${path}.sfdisk`;
  writeFileSync(file, script);
  tool("sh", "-c", 'sfdisk --quiet --no-reread "$1" < "$2"', "sh", path, file);
}

/** All that is told of a disk, but for the file that it is in. */
async function told(image: OpenImage): Promise<unknown> {
  const read: ReadDisk = await readDisk(image);
  const facts = await factsOf([read]);
  return {
    ...facts,
    disks: facts.disks.map((disk) => ({ ...disk, name: "", path: "", format: "", storedBytes: 0 })),
    signatures: read.volumes.map(({ signature }) => signature),
    faults: [...read.tableFaults, ...read.volumes.map(({ fault }) => fault)],
  };
}
