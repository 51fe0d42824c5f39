import test from "ava";
import type { Census } from "../../../src/filesystems/guest-made/census.ts";
import { takeCensus } from "../../../src/filesystems/guest-made/census.ts";
import { expectedFreeBytes, smallestGuestMadeSize } from "../../../src/filesystems/guest-made/guest-made.ts";
import { bcachefsSpace } from "../../../src/filesystems/bcachefs/space.ts";
import { btrfsSpace } from "../../../src/filesystems/btrfs/space.ts";
import { f2fsSpace } from "../../../src/filesystems/f2fs/space.ts";
import { xfsSpace } from "../../../src/filesystems/xfs/space.ts";
import { zfsSpace } from "../../../src/filesystems/zfs/space.ts";
import { type Bytes, GiB, MiB } from "../../../src/base/units.ts";
import { device, file, folder, folderOf, sparseFile, symlink } from "../ext4/trees.ts";

// What the kernel said (f_bavail × block size, freshly mounted) of filesystems that were filled with real trees.

const small: Census = census(
  { inodes: 1266, dataBytes: 73531392, folderBytes: 110592, nameBytes: 14135 },
  [192512, 32088],
);
const middle: Census = census(
  { inodes: 11926, dataBytes: 426078208, folderBytes: 1216512, nameBytes: 147852 },
  [21938176, 4064179],
);
const manyFiles: Census = census(
  { inodes: 21307, dataBytes: 154243072, folderBytes: 1425408, nameBytes: 214298 },
  [82116608, 3027189],
);
const large: Census = census(
  { inodes: 79331, dataBytes: 1999355904, folderBytes: 6082560, nameBytes: 893306 },
  [261533696, 12088286],
);

const guestMadeKinds = {
  bcachefs: bcachefsSpace,
  btrfs: btrfsSpace,
  "f2fs of 1.15": f2fsSpace("1.15.0"),
  "f2fs of 1.16": f2fsSpace("1.16.0"),
  xfs: xfsSpace,
  zfs: zfsSpace,
};

interface Observation {
  readonly kind: keyof typeof guestMadeKinds;
  readonly tree: Census;
  readonly mebibytes: number;
  readonly free: Bytes;
}

const observations: readonly Observation[] = [
  { kind: "xfs", tree: small, mebibytes: 400, free: 254386176 },
  { kind: "xfs", tree: small, mebibytes: 8000, free: 8155394048 },
  { kind: "xfs", tree: middle, mebibytes: 600, free: 93392896 },
  { kind: "xfs", tree: middle, mebibytes: 60000, free: 61942386688 },
  { kind: "xfs", tree: large, mebibytes: 2400, free: 354865152 },
  { kind: "xfs", tree: large, mebibytes: 8000, free: 6185861120 },
  { kind: "btrfs", tree: small, mebibytes: 400, free: 261156864 },
  { kind: "btrfs", tree: small, mebibytes: 2000, free: 1796272128 },
  { kind: "btrfs", tree: middle, mebibytes: 600, free: 140070912 },
  { kind: "btrfs", tree: middle, mebibytes: 8000, free: 7429771264 },
  { kind: "btrfs", tree: manyFiles, mebibytes: 200, free: 52654080 },
  { kind: "btrfs", tree: manyFiles, mebibytes: 450, free: 314798080 },
  { kind: "btrfs", tree: large, mebibytes: 2400, free: 511365120 },
  { kind: "btrfs", tree: large, mebibytes: 60000, free: 59011428352 },
];

for (const { kind, tree, mebibytes, free } of observations) {
  test(`${kind} of ${mebibytes} MiB with ${tree.inodes} files is foreseen to 1 %, and not too well`, (t) => {
    const size = mebibytes * MiB;
    const expected = guestMadeKinds[kind].freeBytes(tree, size);
    t.true(expected <= free + MiB, `${expected} bytes foreseen, ${free} there`);
    t.true(free - expected <= size / 100, `${expected} bytes foreseen, ${free} there`);
  });
}

for (const name of ["xfs", "btrfs", "f2fs of 1.15", "f2fs of 1.16"] as const) {
  const kind = guestMadeKinds[name];

  test(`${name}: the smallest size has the space, and one MiB less has not`, (t) => {
    const files = folder({ "a file": file("text"), hole: sparseFile(GiB, { 0: "x" }) });
    for (const space of [300 * MiB, GiB, 3 * GiB]) {
      const size = smallestGuestMadeSize(kind, files, space);
      t.true(expectedFreeBytes(kind, files, size) >= space);
      t.true(expectedFreeBytes(kind, files, size - MiB) < space);
    }
  });

  test(`${name}: what is too small is refused, and said how much is needed`, (t) => {
    const error = t.throws(() => expectedFreeBytes(kind, folder(), kind.minimum - MiB), { code: "TOO_SMALL" });
    t.true(String(Reflect.get(error, "hint")).includes(String(kind.minimum)));
  });
}

// What mkfs.f2fs said: MiB of the filesystem, and how many of them it kept for itself.
const keptByF2fs = {
  "1.15.0": [
    [52, 44],
    [100, 60],
    [256, 86],
    [512, 116],
    [2048, 214],
    [8192, 434],
    [65536, 1406],
  ],
  "1.16.0": [
    [44, 36],
    [52, 36],
    [100, 40],
    [256, 52],
    [512, 66],
    [528, 58],
    [2048, 98],
    [8192, 198],
    [65536, 746],
  ],
} as const;

for (const [version, observed] of Object.entries(keptByF2fs)) {
  test(`what mkfs.f2fs ${version} keeps for itself is foreseen to 2 % or 4 MiB, and never too little`, (t) => {
    for (const [mebibytes, kept] of observed) {
      const size = mebibytes * MiB;
      const foreseen = size - f2fsSpace(version).freeBytes(takeCensus(folder()), size);
      t.true(foreseen >= kept * MiB, `${foreseen} of ${mebibytes} MiB`);
      t.true(foreseen - kept * MiB <= Math.max(size / 50, 4 * MiB), `${foreseen} of ${mebibytes} MiB`);
    }
  });
}

test("versions of mkfs.f2fs are compared as numbers, and an unknown one is taken for the newest", (t) => {
  const leastOf = (version: string | undefined) => f2fsSpace(version).minimum / MiB;
  for (const version of ["0.9", "1.9", "1.15", "1.15.9"]) t.is(leastOf(version), 52, version);
  for (const version of ["1.16", "1.16.0", "1.17.1", "1.100", "2.0", undefined]) t.is(leastOf(version), 44, version);
});

test("a tree is counted: blocks of data, not holes; links once; folders by their names", (t) => {
  const linked = file("twice");
  const tree = folder({
    one: linked,
    two: linked,
    hole: sparseFile(100 * MiB, { 0: "a", [50 * MiB]: "b" }),
    link: symlink("target"),
    null: device("character-device", 1, 3),
    many: folderOf(1000, (index) => [`name ${index}`, symlink("x")]),
  });
  const counted = takeCensus(tree);
  t.is(counted.inodes, 1006);
  t.is(counted.names, 1007);
  t.is(counted.dataBytes, 3 * 4096);
  t.deepEqual(counted.tiny, { dataBytes: 4096, contentBytes: 5 });
  t.true(counted.folderBytes >= 32 * 1000 && counted.folderBytes < 64 * 1000);
});

function census(
  counted: Pick<Census, "inodes" | "dataBytes" | "folderBytes" | "nameBytes">,
  [dataBytes, contentBytes]: readonly [number, number],
): Census {
  return { ...counted, names: counted.inodes, tiny: { dataBytes, contentBytes }, attributeBytes: 0 };
}
