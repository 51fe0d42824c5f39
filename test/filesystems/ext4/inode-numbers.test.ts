import test from "ava";
import fc from "fast-check";
import { InodeNumbers } from "../../../src/filesystems/ext4/inode-numbers.ts";
import type { Inode } from "../../../src/manifest/inode.ts";

const common = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } };

function walked(inode: number): Inode {
  return { type: "file", ...common, size: 1, content: { kind: "file", path: "/file", inode, stamp: 0 } };
}

const anyInode = fc.oneof(
  // Few numbers: many files share a slot, or stand beside each other.
  fc.integer({ min: -3, max: 3 }).map(walked),
  fc.integer().map(walked),
  fc.constant({ ...common, type: "fifo" } as const).map((inode): Inode => ({ ...inode })),
);

test("inodes have the numbers that they were given, and others none, whatever they have in common", (t) => {
  fc.assert(
    fc.property(fc.array(anyInode, { maxLength: 100 }), fc.array(anyInode, { maxLength: 100 }), (met, others) => {
      const inodes: (Inode | undefined)[] = [undefined];
      const numbers = new InodeNumbers(inodes, met.length + 1);
      for (const inode of met) {
        t.is(numbers.get(inode), undefined);
        numbers.set(inode, inodes.push(inode) - 1);
      }
      t.deepEqual(
        met.map((inode) => numbers.get(inode)),
        met.map((_, index) => index + 1),
      );
      t.true(others.every((inode) => numbers.get(inode) === undefined));
    }),
  );
  t.pass();
});

test("a hundred thousand names of one file, each a file of its own, take no time", (t) => {
  const met = Array.from({ length: 100_000 }, () => walked(7));
  const inodes: (Inode | undefined)[] = [undefined, ...met];
  const numbers = new InodeNumbers(inodes, inodes.length);
  met.forEach((inode, index) => numbers.set(inode, index + 1));
  t.true(met.every((inode, index) => numbers.get(inode) === index + 1));
});
