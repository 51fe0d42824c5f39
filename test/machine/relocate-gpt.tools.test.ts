import test from "ava";
import { relocateGpt } from "../../src/machine/relocate-gpt.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB, TiB } from "../../src/base/units.ts";
import { diskBySgdisk } from "./gpt-image.ts";

const size = 4 * MiB;
const disk = diskBySgdisk(size, "--new=1:2048:4095", "--new=2:4096:0");
const space = { imageSize: size, deviceSize: size, sectorSize: 512 };

function headOf(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes.subarray(0, MiB));
}

test("on a device of the image's size nothing changes", (t) => {
  const table = relocateGpt(headOf(disk), space);
  t.deepEqual(table?.head, headOf(disk));
  t.is(table?.backup.offset, size - 33 * 512);
  t.deepEqual(table?.backup.bytes, Uint8Array.from(disk.subarray(size - 33 * 512)));
  t.deepEqual(table?.oldBackup, { start: size - 33 * 512, end: size });
});

test("on a larger device the table is the one that sgdisk would move there", (t) => {
  const larger = 16 * MiB;
  const moved = relocateGpt(headOf(disk), { ...space, deviceSize: larger });
  const bytes = Buffer.concat([disk, Buffer.alloc(larger - size)]);
  bytes.set(moved?.head ?? t.fail(), 0);
  bytes.set(moved?.backup.bytes ?? t.fail(), moved?.backup.offset);
  t.is(bytes.readBigUInt64LE(512 + 32), BigInt(larger / 512 - 1));
  t.is(bytes.readBigUInt64LE(512 + 48), BigInt(larger / 512 - 34));
  t.is(bytes.readUInt32LE(446 + 12), larger / 512 - 1);
  t.is(bytes.toString("latin1", larger - 512, larger - 504), "EFI PART");
  t.deepEqual(bytes.subarray(larger - 33 * 512, larger - 512), disk.subarray(1024, 34 * 512));
});

test("beyond 2 TiB the protective MBR says as much as it can", (t) => {
  const head = relocateGpt(headOf(disk), { ...space, deviceSize: 3 * TiB })?.head ?? t.fail();
  t.is(Buffer.from(head).readUInt32LE(446 + 12), 0xffffffff);
});

test("a hybrid MBR stays as it is", (t) => {
  const hybrid = diskBySgdisk(size, "--new=1:2048:4095", "--hybrid=1:EE");
  const head = relocateGpt(headOf(hybrid), { ...space, deviceSize: 16 * MiB })?.head ?? t.fail();
  t.deepEqual(Buffer.from(head.subarray(0, 512)), hybrid.subarray(0, 512));
});

test("without a table there is nothing to move", (t) => {
  t.is(relocateGpt(new Uint8Array(MiB), space), undefined);
  t.is(relocateGpt(headOf(disk), { ...space, sectorSize: 4096 }), undefined);
});

for (const [what, at, reason] of [
  ["a header", 512 + 40, /checksum of its header/],
  ["an entry", 1024 + 5, /checksum of its entries/],
  ["a header's length", 512 + 14, /header claims/],
] as const) {
  test(`damage to ${what} is found`, (t) => {
    const head = headOf(disk);
    head[at] = (head[at] ?? 0) ^ 1;
    const error = t.throws<MkimageError>(() => relocateGpt(head, space));
    t.is(error?.code, "BAD_IMAGE");
    t.regex(error?.message ?? "", reason);
  });
}

test("an image that was cut off is found by its missing backup", (t) => {
  const error = t.throws<MkimageError>(() => relocateGpt(headOf(disk), { ...space, imageSize: size - 512 }));
  t.is(error?.code, "BAD_IMAGE");
  t.regex(error?.message ?? "", /sector 8191, after the image's end/);
});
