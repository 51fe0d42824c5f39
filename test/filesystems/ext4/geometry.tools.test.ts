import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { divide } from "../../../src/filesystems/ext4/geometry.ts";
import { layOutGroups } from "../../../src/filesystems/ext4/group-layout.ts";
import { GiB, KiB, MiB, TiB } from "../../../src/base/units.ts";
import { judge, superblockOf, temporaryFolder } from "./judges.ts";

test("a filesystem is divided as mke2fs divides it", (t) => {
  const image = join(temporaryFolder(t), "image");
  for (const size of [
    4 * MiB,
    8 * MiB,
    127 * MiB,
    128 * MiB,
    300 * MiB,
    GiB,
    3 * GiB + 20 * KiB,
    20 * GiB,
    100 * GiB,
    300 * GiB,
  ]) {
    writeFileSync(image, "");
    truncateSync(image, size);
    judge(
      "mke2fs",
      "-q",
      "-F",
      "-t",
      "ext4",
      "-b",
      "4096",
      "-i",
      "16384",
      "-E",
      "lazy_itable_init=1,lazy_journal_init=1,nodiscard",
      image,
    );
    const field = superblockOf(image);
    const ours = divide(size, 0);
    const seen = [
      ours.blocks,
      ours.inodes,
      ours.inodesPerGroup,
      ours.blocksPerGroup,
      ours.reservedDescriptorBlocks,
      ours.journalBlocks,
    ];
    const names = [
      "Block count",
      "Inode count",
      "Inodes per group",
      "Blocks per group",
      "Reserved GDT blocks",
      "Total journal blocks",
    ];
    t.deepEqual(
      seen,
      names.map((name) => Number(field.get(name) ?? 0)),
      `${size}`,
    );
    const own = layOutGroups(ours).used.reduce((sum, { start, end }) => sum + end - start, 0);
    t.is(own + ours.journalBlocks, Number(field.get("Overhead clusters")), `${size}`);
  }
});

test("each group's own blocks stand inside the filesystem, apart from each other", (t) => {
  for (const size of [MiB, 129 * MiB, 7 * GiB, 2 * TiB]) {
    for (const inodes of [0, 32_768, 50_000]) {
      const geometry = divide(size, inodes);
      const { blockBitmaps, inodeBitmaps, inodeTables, superblockGroups, used } = layOutGroups(geometry);
      const superblocks = 1 + geometry.descriptorBlocks + geometry.reservedDescriptorBlocks;
      const starts = [...blockBitmaps, ...inodeBitmaps].map((start) => ({ start, length: 1 }));
      const tables = [...inodeTables].map((start) => ({ start, length: geometry.tableBlocks }));
      const copies = superblockGroups.map((group) => ({ start: group * geometry.blocksPerGroup, length: superblocks }));
      const all = [...starts, ...tables, ...copies].sort((a, b) => a.start - b.start);
      t.true(
        all.every(
          ({ start, length }, index) => index + 1 === all.length || start + length <= (all[index + 1]?.start ?? 0),
        ),
      );
      t.is(
        all.reduce((sum, { length }) => sum + length, 0),
        used.reduce((sum, { start, end }) => sum + end - start, 0),
      );
      t.true(geometry.inodes >= inodes);
    }
  }
});

test("groups become smaller where there are more inodes than groups of the usual size can hold", (t) => {
  const geometry = divide(256 * MiB, 200_000);
  t.true(geometry.blocksPerGroup < 32_768);
  t.true(geometry.inodesPerGroup <= 32_768);
  t.true(geometry.inodes >= 200_000);
});
