import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { type Ext4Plan } from "../../../src/filesystems/ext4/ext4.ts";
import { planExt4, solveExt4Size } from "./planned.ts";
import { bytesExtent, type Extent } from "../../../src/image/extent.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import type { DirectoryInode, FileInode, Inode } from "../../../src/manifest/inode.ts";
import { bytesOfFile } from "../../manifest/write-tree.ts";
import { judge, requireClean, superblockOf, temporaryFolder, writeClean } from "./judges.ts";
import { file, folder, folderOf, options, sparseFile, storeTrees, symlink, trees } from "./trees.ts";
import { isLong } from "../../together/is-long.ts";

function planned(root: DirectoryInode, room = MiB): Ext4Plan {
  return planExt4(root, solveExt4Size(root, room, options), options);
}

/** The hash of the bytes of a plan, wherever they come from. */
function digest(plan: Ext4Plan): string {
  const hash = createHash("sha256");
  for (const { offset, length, source } of plan.extents()) {
    hash.update(`${offset} ${length} ${source.kind}\n`);
    if (source.kind === "bytes") hash.update(source.bytes);
  }
  return hash.digest("hex");
}

const anyTree = fc.oneof({ weight: 3, arbitrary: trees }, { weight: 1, arbitrary: storeTrees });

test("e2fsck finds nothing to say against any tree", async (t) => {
  const image = join(temporaryFolder(t), "image");
  await fc.assert(
    fc.asyncProperty(anyTree, fc.integer({ min: 0, max: 300 * MiB }), async (root, room) => {
      await writeClean(planned(root, room), image);
    }),
    { numRuns: isLong ? 10_000 : 40 },
  );
  t.pass();
});

test("extents come in ascending order, apart from each other and inside the filesystem", (t) => {
  fc.assert(
    fc.property(anyTree, (root) => {
      const plan = planned(root);
      let end = 0;
      for (const { offset, length } of plan.extents()) {
        t.true(offset >= end && length > 0);
        end = offset + length;
      }
      t.true(end <= plan.size);
    }),
    { numRuns: 40 },
  );
});

test("the same tree gives the same bytes, in whatever order its names were found", (t) => {
  const reversed = (inode: DirectoryInode): DirectoryInode => {
    const entries = [...inode.entries].reverse();
    const turned = entries.map(
      ([name, entry]) => [name, entry.type === "directory" ? reversed(entry) : entry] as const,
    );
    return { ...inode, entries: new Map<string, Inode>(turned) };
  };
  fc.assert(
    fc.property(trees, (root) => {
      const plan = planned(root);
      t.is(digest(plan), digest(plan));
      t.is(digest(planned(reversed(root))), digest(plan));
    }),
    { numRuns: 20 },
  );
});

test("the superblock says what it was told", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const all = { ...options, time: 1_700_000_000, volumeReservePercent: 5 };
  await writeClean(planExt4(folder(), 100 * MiB, all), image);
  const field = superblockOf(image);
  t.is(field.get("Filesystem UUID"), options.uuid);
  t.is(field.get("Directory Hash Seed"), options.hashSeed);
  t.is(field.get("Filesystem volume name"), options.label);
  t.is(field.get("Filesystem created"), "Tue Nov 14 22:13:20 2023");
  t.is(field.get("Reserved block count"), "1280");
  t.regex(judge("tune2fs", "-l", image), /Filesystem state: +clean/);
});

test("the features are those that mke2fs sets by default, but for two that older kernels or GRUB do not know", async (t) => {
  const place = temporaryFolder(t);
  await writeClean(planExt4(folder(), 300 * MiB, options), join(place, "ours"));
  const newer = ["-O", "^orphan_file,^metadata_csum_seed"];
  judge("mke2fs", "-q", "-t", "ext4", "-b", "4096", ...newer, join(place, "theirs"), "300M");
  const [ours, theirs] = [superblockOf(join(place, "ours")), superblockOf(join(place, "theirs"))];
  for (const name of [
    "Filesystem features",
    "Filesystem flags",
    "Default mount options",
    "Journal features",
    "Inode size",
  ]) {
    t.is(ours.get(name), theirs.get(name));
  }
});

test("a filesystem under 8 MiB has no journal", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const plan = planExt4(folder({ file: file("small") }), 2 * MiB, options);
  t.is(plan.journalBytes, 0);
  await writeClean(plan, image);
  t.false(superblockOf(image).get("Filesystem features")?.includes("has_journal"));
});

/** A file with a block of data after every hole of a block. */
function combed(blocks: number): FileInode {
  const content = Array.from({ length: blocks }, (_, index) =>
    bytesExtent(index * 8192, Buffer.alloc(4096, `${index};`)),
  );
  return { ...file(), size: blocks * 8192, content };
}

test("a file in many pieces has a tree of extents as deep as it needs", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const root = folder({ four: combed(4), five: combed(5), "one level": combed(1360), "two levels": combed(1361) });
  await writeClean(planned(root), image);
  const levels = (name: string) =>
    / +(\d+)\/ *(\d+) /.exec(judge("debugfs", "-R", `dump_extents "${name}"`, image))?.[2];
  t.deepEqual(["four", "five", "one level", "two levels"].map(levels), ["0", "1", "1", "2"]);
  judge("debugfs", "-R", `dump "two levels" ${image}.out`, image);
  t.true(readFileSync(`${image}.out`).equals(bytesOfFile(combed(1361))));
});

test("a file of more than 4 GiB is there to its last byte", async (t) => {
  const image = join(temporaryFolder(t), "image");
  const size = 4.5 * GiB + 1;
  const last: Extent = bytesExtent(size - 4, Buffer.from("last"));
  const content = [{ offset: 0, length: size - 4, source: { kind: "zeros" } } as const, last];
  const plan = planned(folder({ large: { ...file(), size, content } }), 0);
  t.true(plan.usedBytes > size);
  await writeClean(plan, image);
});

test("a full lost+found of the manifest's own takes the place of ours", async (t) => {
  const image = join(temporaryFolder(t), "image");
  await writeClean(planned(folder({ "lost+found": folder({ found: file("something") }) })), image);
  t.regex(judge("debugfs", "-R", "cat /lost+found/found", image), /something/);
});

test("20,000 folders in each other are a clean filesystem", async (t) => {
  const image = join(temporaryFolder(t), "image");
  let root = folder({ deepest: file("here") });
  for (let level = 0; level < 20_000; level += 1) root = folder({ d: root });
  await t.notThrowsAsync(writeClean(planned(root), image));
});

test("what ext4 cannot hold is named by its path", (t) => {
  const root = folder({ a: folder({ b: file(), c: folder({ d: sparseFile(2 ** 45, {}) }) }), e: file() });
  t.throws(() => planned(root), { code: "BAD_REQUEST", message: /^\/a\/c\/d: a file of 35184372088832 bytes/ });
  t.throws(() => planned(folder({ a: folder({ "n/n": file() }) })), { message: /^\/a: "n\/n" cannot/ });
});

test("what ext4 cannot hold is refused", (t) => {
  const endless: DirectoryInode = folder();
  endless.entries.set("itself", endless);
  const twice = folder();
  const many = Object.fromEntries(
    Array.from({ length: 65_001 }, () => file()).map((_, index, files) => [`${index}`, files[0] ?? file()]),
  );
  const xattrs = (name: string, length: number) => file("", { xattrs: new Map([[name, new Uint8Array(length)]]) });
  const refused: Record<string, DirectoryInode> = {
    "a folder in two places": folder({ a: twice, b: twice }),
    "a folder in itself": endless,
    "65,001 names for one file": folder(many),
    "a name with a slash": folder({ "a/b": file() }),
    "a name of 256 bytes": folder({ ["n".repeat(256)]: file() }),
    "an empty name": folder({ "": file() }),
    "two dots": folder({ "..": file() }),
    "an empty target": folder({ link: symlink("") }),
    "a target of 4096 bytes": folder({ link: symlink("x".repeat(4096)) }),
    "a lost+found that is a file": folder({ "lost+found": file() }),
    "attributes of more than a block": folder({ file: xattrs("user.large", 4096) }),
    "an attribute of an unknown kind": folder({ file: xattrs("system.other", 1) }),
    "an ACL that is none": folder({ file: xattrs("system.posix_acl_access", 7) }),
    "a file beyond 16 TiB": folder({ file: sparseFile(2 ** 45, {}) }),
  };
  for (const [what, root] of Object.entries(refused)) t.throws(() => planned(root), { code: "BAD_REQUEST" }, what);
  const refuses = (more: object) =>
    t.throws(() => planExt4(folder(), MiB, { ...options, ...more }), { code: "BAD_REQUEST" });
  refuses({ uuid: "no uuid" });
  refuses({ hashSeed: "" });
  refuses({ label: "more than sixteen bytes" });
});

if (isLong) {
  test("half a million files are laid out and found sound", async (t) => {
    const image = join(temporaryFolder(t), "image");
    const root = folder({
      flat: folderOf(500_000, (index) => [`${index}-a-name-like-that-of-a-store-path`, symlink(`target-${index}`)]),
      deep: folderOf(5000, (index) => [`${index}`, folderOf(100, (inner) => [`${inner}`, file(`${index}/${inner}`)])]),
    });
    await writeClean(planned(root), image);
    requireClean(image);
    t.pass();
  });
}
