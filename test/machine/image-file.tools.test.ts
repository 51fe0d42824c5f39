import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { examineImage } from "../../src/image/reading/examine-image.ts";
import { openImageFile } from "../../src/machine/image-file.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { overwrite, silent, tool } from "../inspect/images.ts";
import { changed, diskSize, flip, smallDisk } from "../inspect/verify/disks.ts";

// Nothing is written to a device that has a damaged table: no machine would find its partitions.

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
const [gpt, msdos] = [join(folder, "gpt"), join(folder, "msdos")];

test.before(() => {
  smallDisk(gpt, "gpt", folder);
  smallDisk(msdos, "msdos", folder);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const open = async (path: string) => openImageFile(await examineImage(path), silent);

const refused: readonly { readonly what: string; readonly disk: string; readonly hurt: (copy: string) => void }[] = [
  { what: "a GPT without its primary header's mark", disk: gpt, hurt: (copy) => flip(copy, 518) },
  { what: "a GPT with damaged entries", disk: gpt, hurt: (copy) => flip(copy, 1024 + 40) },
  { what: "a GPT without a protective MBR", disk: gpt, hurt: (copy) => flip(copy, 510) },
  { what: "an MBR without its mark", disk: msdos, hurt: (copy) => flip(copy, 511) },
];

for (const { what, disk, hurt } of refused) {
  test(`refused to be written: ${what}`, async (t) => {
    const image = changed(disk, hurt);
    const error = await t.throwsAsync(open(image), { code: "BAD_IMAGE" });
    t.regex(error?.message ?? "", /partition table is damaged|neither a partition table nor a filesystem/);
  });
}

test("an image that was cut off is not unpacked as if zeros had been where it ends", async (t) => {
  for (const format of ["vdi", "vpc", "qcow2", "vhdx"]) {
    const cut = join(folder, `cut.${format === "vpc" ? "vhd" : format}`);
    tool("qemu-img", "convert", "-f", "raw", "-O", format, gpt, cut);
    truncateSync(cut, Math.floor(statSync(cut).size / 2));
    await t.throwsAsync(open(cut), { code: "BAD_IMAGE", message: /cut off|cannot be read/ }, format);
  }
});

test("a qcow2 is written from where it is, a compressed one once all of it was seen", async (t) => {
  for (const [name, options, isInPlace] of [
    ["plain.qcow2", ["-o", "cluster_size=4k"], true],
    ["packed.qcow2", ["-c"], false],
  ] as const) {
    const path = join(folder, name);
    tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", ...options, gpt, path);
    using file = await open(path);
    const extents = [...file.image.extents];
    t.deepEqual(new Set(extents.map(({ source }) => source.kind)), new Set(["file"]));
    t.is(
      extents.every(({ source }) => source.kind === "file" && source.path === path),
      isInPlace,
    );
    await writeRaw({ size: file.image.size, extents }, join(folder, "written"));
    t.true(readFileSync(join(folder, "written")).equals(readFileSync(gpt)), name);
  }
});

test("a compressed cluster that is damaged refuses the image, before a device is touched", async (t) => {
  const path = join(folder, "hurt.qcow2");
  tool("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", gpt, path);
  const bytes = readFileSync(path);
  const l1 = Number(bytes.readBigUInt64BE(40));
  const l2 = Number(bytes.readBigUInt64BE(l1) & 0x00ff_ffff_ffff_fe00n);
  overwrite(path, Number(bytes.readBigUInt64BE(l2) & ((1n << 54n) - 1n)), Buffer.alloc(16, 0xa5));
  await t.throwsAsync(open(path), { code: "BAD_IMAGE", message: /cannot be read to its end/ });
});

test("a name that promises another format than the file has is refused, as by every other verb", async (t) => {
  const lie = join(folder, "lie.raw");
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", gpt, lie);
  await t.throwsAsync(open(lie), { code: "BAD_IMAGE", message: /is named \.raw/ });
});

test("a damaged backup is written anew, and that is said; a sound table needs no word", async (t) => {
  using sound = await open(gpt);
  t.deepEqual(sound.notes, []);
  using mended = await open(changed(gpt, (copy) => flip(copy, diskSize - 512)));
  t.regex(mended.notes.join(), /the backup table is written anew: .*holds no header/);
});

test("a damaged table inside of another format is refused as well, and no scratch file stays", async (t) => {
  const packed = join(folder, "packed.qcow2");
  const image = changed(gpt, (copy) => flip(copy, 518));
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", image, packed);
  await t.throwsAsync(open(packed), { code: "BAD_IMAGE", message: /partition table is damaged/ });
});
