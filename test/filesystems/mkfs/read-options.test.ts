import test from "ava";
import { optionValue } from "../../../src/filesystems/mkfs/read-options.ts";
import { filesystemOf } from "../../../src/filesystems/registry.ts";

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";

/** Arguments of a mkfs, and the label and UUID that it makes of them. */
const cases: readonly (readonly [format: string, words: string, label: string | null, uuid: string | null])[] = [
  ["ext4", `-L root -U ${uuid}`, "root", uuid],
  ["ext4", `-Lroot -U${uuid}`, "root", uuid],
  ["ext4", `-qFL root -FU ${uuid}`, "root", uuid],
  ["ext4", "-O ^64bit,-L -m 0", null, null],
  ["ext4", "-O -L root", null, null],
  ["ext4", "-L one -L two", "two", null],
  ["ext4", `-- -L root -U ${uuid}`, null, null],
  ["ext4", "-U", null, ""],
  ["xfs", `-m crc=1,uuid=${uuid} -L root`, "root", uuid],
  ["xfs", `-muuid=${uuid} -m reflink=0`, null, uuid],
  ["btrfs", `--label root --uuid=${uuid}`, "root", uuid],
  ["btrfs", `--lab=root --uu ${uuid}`, "root", uuid],
  ["btrfs", "--me raid1 -KfL root", "root", null],
  ["btrfs", `-d raid1 /dev/disk/by-label/x --device-uuid ${uuid}`, null, null],
  ["f2fs", `-l root -U ${uuid}`, "root", uuid],
  ["f2fs", `-fl root -iU ${uuid}`, "root", uuid],
  ["vfat", "-F 32 -n ESP -i abcd1234", "ESP", "abcd1234"],
  ["vfat", "-F32 -nESP -iabcd1234 --mbr=y", "ESP", "abcd1234"],
  ["swap", `--label swap --uuid ${uuid}`, "swap", uuid],
  ["bcachefs", `--fs_label=root --label=ssd.one --uuid=${uuid}`, "root", uuid],
];

for (const [format, words, label, identifier] of cases) {
  test(`mkfs.${format} ${words}`, (t) => {
    const { mkfs } = filesystemOf(format);
    if (mkfs?.uuid === undefined) return t.fail();
    const split = words.split(" ");
    return t.deepEqual(
      [optionValue(split, mkfs, mkfs.label), optionValue(split, mkfs, mkfs.uuid)],
      [label, identifier],
    );
  });
}
