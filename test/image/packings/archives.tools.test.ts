import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { identityFrom } from "../../../src/base/identity.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import { bytesExtent } from "../../../src/image/extent.ts";
import type { Image } from "../../../src/image/image.ts";
import type { DescribedMachine } from "../../../src/image/packings/archive.ts";
import { type ArchiveName, archives } from "../../../src/image/packings/archives.ts";
import { endingOf, writePackaged } from "../../../src/image/packings/packaging.ts";
import { tarOf } from "../../../src/image/packings/tar.ts";
import { vma } from "../../../src/image/packings/vma.ts";
import { writeRaw } from "../../../src/image/raw.ts";
import { type Reporter, silentTask } from "../../../src/runtime/reporter.ts";
import { temporaryFolder } from "../folder.ts";
import { pieces, sampleBytes, sampleImage } from "../sample.ts";
import { readVma } from "./read-vma.ts";

const execute = (program: string, ...words: readonly string[]) =>
  execFileSync(program, words, { encoding: "utf8", stdio: "pipe", env: { ...process.env, TZ: "UTC", LC_ALL: "C" } });

const time = 1_700_000_000;
const identity = { uuid: (purpose: string) => identityFrom("seed").uuid(purpose), time };
const machine: DescribedMachine = {
  name: "we<b",
  firmware: "bios",
  memory: 1536,
  processors: 2,
  settings: { onboot: "1" },
};

test("a sparse member of a tar is extracted by GNU tar as the image that it was", async (t) => {
  const folder = temporaryFolder(t);
  const [packed, out] = [join(folder, "packed.tar"), join(folder, "disk.raw")];
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const { image, bytes } = sampleImage(folder, list);
      await writeRaw(tarOf([{ name: "disk.raw", file: image, sparse: true }], time), packed);
      execute("tar", "--extract", "--sparse", "--file", packed, "--directory", folder);
      return readFileSync(out).equals(bytes);
    }),
    { numRuns: 25 },
  );
  t.pass();
});

test("a sparse member takes what it holds, says its whole size, and belongs to root", async (t) => {
  const folder = temporaryFolder(t);
  const [packed, again] = [join(folder, "packed.tar"), join(folder, "again")];
  const extents = Array.from({ length: 60 }, (_, index) => bytesExtent(index * 200 * MiB, sampleBytes(5000, index)));
  await writeRaw(tarOf([{ name: "disk.raw", file: { size: 12 * GiB, extents }, sparse: true }], time), packed);
  t.is(statSync(packed).size % 10_240, 0);
  t.true(statSync(packed).size < MiB);
  const listed = execute("tar", "--list", "--verbose", "--numeric-owner", "--full-time", "--file", packed).trim();
  t.regex(
    listed,
    /^-rw-r--r-- 0\/0 +12884901888 2023-11-14 22:13:20 disk\.raw$/,
    "larger than eight octal digits can say",
  );
  execute("tar", "--extract", "--sparse", "--file", packed, "--directory", folder);
  await writeRaw({ size: 12 * GiB, extents }, again);
  t.notThrows(() => execute("qemu-img", "compare", "-f", "raw", "-F", "raw", join(folder, "disk.raw"), again));
});

test("a VMA has the settings of its machine, and its disk without what holds nothing", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "packed.vma");
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 30 * MiB }), async (list, tail) => {
      const { image, bytes } = sampleImage(folder, list, tail);
      await writeRaw(await vma.layOut({ file: image, capacity: image.size, machine, identity }), path);
      return readVma(readFileSync(path)).devices["drive-virtio0"]?.equals(bytes) === true;
    }),
    { numRuns: 25 },
  );
  const extents = [bytesExtent(59 * 65_536 - 4096, Buffer.alloc(8192, 1)), bytesExtent(12 * MiB, Buffer.alloc(1, 1))];
  await writeRaw(await vma.layOut({ file: { size: 40 * MiB, extents }, capacity: 40 * MiB, machine, identity }), path);
  const read = readVma(readFileSync(path));
  t.is(read.time, time);
  t.is(read.storedBlocks, 3);
  t.deepEqual(read.configs["qemu-server.conf"]?.split("\n"), [
    "agent: 1",
    "bios: seabios",
    "boot: order=virtio0",
    "cores: 2",
    "memory: 1536",
    "name: we<b",
    "net0: virtio=00:00:00:00:00:00,bridge=vmbr0,firewall=1",
    "onboot: 1",
    "ostype: l26",
    "scsihw: virtio-scsi-single",
    "serial0: socket",
    "virtio0: local-lvm:vm-9999-disk-0",
    "#qmdump#map:virtio0:drive-virtio0:local-lvm:raw:",
    "",
  ]);
});

/** A disk in an archive, written as a build writes it, in a folder of its own with the raw image. */
async function pack(t: ExecutionContext, archive: ArchiveName) {
  const folder = temporaryFolder(t);
  const disk: Image = {
    size: 8 * MiB,
    extents: [bytesExtent(0, sampleBytes(MiB + 3, 1)), bytesExtent(5 * MiB, sampleBytes(MiB, 2))],
  };
  await writeRaw(disk, join(folder, "raw"));
  const file = join(folder, `packed.${archives[archive].ending}`);
  const options = { machine, identity, compression: "zlib", signal: undefined, reporter } as const;
  await writePackaged(disk, { format: "raw", archive }, file, options);
  return { folder, file, raw: join(folder, "raw") };
}

const reporter: Reporter = {
  task: (_title, work) => work(silentTask),
  note: () => undefined,
};

const membersOf = (file: string) => execute("tar", "--list", "--file", file).trim().split("\n");

/** Takes out the files of a machine, and has its sums, description and disk judged. */
function judgeMachine(
  t: ExecutionContext,
  { folder, file, raw }: Awaited<ReturnType<typeof pack>>,
  name: string,
): string {
  execute("tar", "--extract", "--file", file, "--directory", folder);
  const sums = readFileSync(join(folder, `${name}.mf`), "utf8").replaceAll(/^SHA256\((.*)\)= (.*)$/gm, "$2  $1");
  execFileSync("sha256sum", ["--check", "--strict"], { cwd: folder, input: sums });
  t.is(sums.trim().split("\n").length, 2);
  execute("xmllint", "--noout", "--nonet", join(folder, `${name}.ovf`));
  const vmdk = join(folder, `${name}-disk001.vmdk`);
  execute("qemu-img", "compare", "-f", "vmdk", "-F", "raw", vmdk, raw);
  const text = readFileSync(join(folder, `${name}.ovf`), "utf8");
  t.true(text.includes(`ovf:href="${name.replace("<", "&lt;")}-disk001.vmdk" ovf:size="${statSync(vmdk).size}"`));
  t.true(text.includes(`ovf:capacity="${8 * MiB}"`));
  return text;
}

test("an OVA has a description, the disk, and their sums, in this order", async (t) => {
  const made = await pack(t, "ova");
  t.deepEqual(membersOf(made.file), ["we<b.ovf", "we<b-disk001.vmdk", "we<b.mf"]);
  const text = judgeMachine(t, made, "we<b");
  t.regex(text, /<VirtualSystem ovf:id="we&lt;b">/);
  const asked = (xpath: string) => execute("xmllint", "--xpath", xpath, join(made.folder, "we<b.ovf")).trim();
  const quantity = (type: number) =>
    asked(
      `string(//*[local-name()="Item"][*[local-name()="ResourceType"]="${type}"]/*[local-name()="VirtualQuantity"])`,
    );
  t.deepEqual([quantity(3), quantity(4)], ["2", "1536"], "processors and memory");
});

test("a box has what Vagrant has to know before the machine", async (t) => {
  const made = await pack(t, "vagrantBox");
  execute("gzip", "--test", "--suffix", ".box", made.file);
  t.deepEqual(membersOf(made.file), ["metadata.json", "Vagrantfile", "box.ovf", "box-disk001.vmdk", "box.mf"]);
  judgeMachine(t, made, "box");
  t.deepEqual(JSON.parse(readFileSync(join(made.folder, "metadata.json"), "utf8")), { provider: "virtualbox" });
  t.regex(readFileSync(join(made.folder, "Vagrantfile"), "utf8"), /^ {2}config\.vm\.base_mac = "080027[0-9A-F]{6}"$/m);
});

for (const name of Object.keys(archives) as ArchiveName[]) {
  test(`${name}: the only file that is left, and the same bytes each time`, async (t) => {
    const [one, other] = [await pack(t, name), await pack(t, name)];
    t.deepEqual(readdirSync(one.folder), [`packed.${endingOf({ format: "raw", archive: name })}`, "raw"]);
    t.true(readFileSync(one.file).equals(readFileSync(other.file)));
  });
}
