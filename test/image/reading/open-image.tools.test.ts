import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { roundUp } from "../../../src/base/units.ts";
import { openImage } from "../../../src/image/reading/open-image.ts";
import { requireWhole } from "../../../src/image/reading/require-whole.ts";
import { temporaryFolder } from "../folder.ts";
import { overwrite, silent, tool } from "../../inspect/images.ts";

const open = (path: string, format?: string) => openImage(path, { reporter: silent, format });
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`.mkimage-${process.pid}-`));

test.serial("every format is read as the same disk, and nothing stays behind", async (t) => {
  const folder = temporaryFolder(t);
  const raw = join(folder, "disk.raw");
  writeFileSync(raw, Buffer.alloc(3 * 1024 * 1024, "contents "));
  for (const format of ["raw", "qcow2", "vdi", "vmdk", "vhdx"]) {
    const path = join(folder, `disk with space, and comma.${format}`);
    tool("qemu-img", "convert", "-f", "raw", "-O", format, raw, path);
    using image = await open(path);
    t.is(image.format, format);
    t.is(image.bytes.read(900, 9).toString(), "contents ");
    t.is(image.bytes.read(3 * 1024 * 1024 - 4, 4).length, 4);
  }
  t.deepEqual(leftovers(), []);
});

/** Every other block of a VDI has a place in the file, which is empty there. */
function manyPieces(path: string, blocks: number): void {
  tool("qemu-img", "create", "-q", "-f", "vdi", path, `${blocks}M`);
  const file = openSync(path, "r+");
  const header = Buffer.alloc(512);
  readSync(file, header, 0, 512, 0);
  const [mapAt, dataAt] = [header.readUInt32LE(0x154), header.readUInt32LE(0x158)];
  const map = new Uint32Array(blocks).map((_, block) => (block % 2 === 0 ? block / 2 : 0xffff_ffff));
  writeSync(file, new Uint8Array(map.buffer), 0, map.byteLength, mapAt);
  header.writeUInt32LE(blocks / 2, 0x184);
  writeSync(file, header, 0, 512, 0);
  ftruncateSync(file, dataAt + (blocks / 2) * 1024 ** 2);
  closeSync(file);
}

test.serial("a VDI in 300,000 pieces is looked through, and noticed when it is cut off", async (t) => {
  const path = join(temporaryFolder(t), "pieces.vdi");
  manyPieces(path, 300_000);
  await t.notThrowsAsync(requireWhole(path, "vdi", undefined));
  truncateSync(path, 100_000 * 1024 ** 2);
  await t.throwsAsync(requireWhole(path, "vdi", undefined), { code: "BAD_IMAGE", message: /was cut off/ });
});

/** Every other block of a VHD has a place in the file, behind a bitmap of its sectors; all is empty there. */
function manyBlocks(path: string, blocks: number): void {
  tool("qemu-img", "create", "-q", "-f", "vpc", "-o", "force_size=on", path, `${2 * blocks}M`);
  const dataAt = roundUp(mapOfVhd + 4 * blocks, 512);
  const step = 512 + 2 * 1024 ** 2;
  const map = Buffer.alloc(4 * blocks, 0xff);
  for (let block = 0; block < blocks; block += 2) map.writeUInt32BE((dataAt + (block / 2) * step) / 512, 4 * block);
  const footer = readFileSync(path).subarray(0, 512);
  const end = dataAt + (blocks / 2) * step;
  overwrite(path, mapOfVhd, map);
  truncateSync(path, end);
  overwrite(path, end, footer);
}

/** Behind the copy of the footer, and a header of two sectors. */
const mapOfVhd = 1536;

test.serial("a VHD in 150,000 pieces, with as many holes, is read where it is", async (t) => {
  const path = join(temporaryFolder(t), "pieces.vhd");
  manyBlocks(path, 300_000);
  using image = await open(path);
  t.is(image.size, 600_000 * 1024 ** 2);
  t.is((await image.fileExtents())?.length, 150_000);
  t.deepEqual(image.bytes.read(image.size - 512, 512), Buffer.alloc(512));
});

test.serial("refused: what is no image file", async (t) => {
  const folder = temporaryFolder(t);
  await t.throwsAsync(open(join(folder, "none.img")), { code: "BAD_REQUEST", message: /there is no image/ });
  await t.throwsAsync(open(folder), { code: "BAD_REQUEST", message: /is not a file/ });
});

test.serial("refused: images that read other files", async (t) => {
  const folder = temporaryFolder(t);
  const secret = join(folder, "secret.raw");
  writeFileSync(secret, Buffer.alloc(65_536, "secret"));
  const overlay = join(folder, "overlay.qcow2");
  tool("qemu-img", "create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw", overlay);
  await t.throwsAsync(open(overlay), { code: "BAD_IMAGE", message: /takes bytes from other files: .*secret\.raw/ });
  const outside = join(folder, "outside.qcow2");
  tool(
    "qemu-img",
    "create",
    "-q",
    "-f",
    "qcow2",
    "-o",
    `data_file=${join(folder, "data")},data_file_raw=on`,
    outside,
    "1M",
  );
  await t.throwsAsync(open(outside), { code: "BAD_IMAGE", message: /takes bytes from other files/ });
});

test.serial("refused: a format that lies, until the user says what it is", async (t) => {
  const folder = temporaryFolder(t);
  const lie = join(folder, "disk.raw");
  tool("qemu-img", "create", "-q", "-f", "qcow2", lie, "8M");
  await t.throwsAsync(open(lie), {
    code: "BAD_IMAGE",
    message: /is named \.raw, but its bytes are those of the format qcow2/,
  });
  using image = await open(lie, "raw");
  t.is(image.size, statSync(lie).size);
  const other = join(folder, "disk.qcow2");
  writeFileSync(other, Buffer.alloc(65_536));
  await t.throwsAsync(open(other), { code: "BAD_IMAGE", message: /is named \.qcow2/ });
});

test.serial("refused: a qcow2 that was cut off, with nothing left behind", async (t) => {
  const folder = temporaryFolder(t);
  const [raw, cut] = [join(folder, "disk.raw"), join(folder, "cut.qcow2")];
  writeFileSync(raw, Buffer.alloc(8 * 1024 * 1024, "x"));
  tool("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, cut);
  truncateSync(cut, 1000);
  await t.throwsAsync(open(cut), { code: "BAD_IMAGE" });
  t.true(existsSync(cut));
  t.deepEqual(leftovers(), []);
});
