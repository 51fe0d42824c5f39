import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Extent } from "../../src/image/extent.ts";
import { packExtents, unpackExtents } from "../../src/image/packed-extents.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { byteString } from "../../src/base/byte-string.ts";
import type { DirectoryInode, FileInode } from "../../src/manifest/inode.ts";
import { readTree } from "../../src/manifest/read-folder.ts";
import { copyRules, type ReadRules, storeRules } from "../../src/manifest/read-rules.ts";
import { readRoot } from "../../src/manifest/read-root.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

const length = 10_000;
const rootRules: ReadRules = { ...copyRules({ seconds: 1, nanoseconds: 0 }), links: "keep", holes: "keep" };

interface Place {
  readonly root: string;
  /** The file that is planned: `folder/file` in the root. */
  readonly path: string;
  /** A file of the same length that is not in the root. */
  readonly outside: string;
}

type Change = (place: Place) => void;

/** Changes of a file after the image was planned, whatever it was planned of. */
const anywhere: readonly (readonly [how: string, says: RegExp, change: Change])[] = [
  ["is gone", /it is gone/, ({ path }) => rmSync(path)],
  ["is a fifo", /it is a fifo now/, replaced((path) => execFileSync("mkfifo", [path]))],
  ["is a folder", /it is a folder now/, replaced((path) => mkdirSync(path))],
  [
    "is a link to an equal file outside",
    /it is a symbolic link now/,
    replaced((path, { outside }) => symlinkSync(outside, path)),
  ],
  ["is a link in a circle", /it is a symbolic link now/, replaced((path) => symlinkSync(path, path))],
  ["has shrunk", /it ends at byte 9999/, ({ path }) => truncateSync(path, length - 1)],
  ["has grown", /it has more than|it is another file/, ({ path }) => appendFileSync(path, "x")],
];

/** Further changes that are noticed of a root's files. A store's do not change. */
const inRoot: readonly (readonly [how: string, says: RegExp, change: Change])[] = [
  ["was written to", /was written to/, ({ path }) => writeFileSync(path, "n".repeat(length))],
  ["is another file, of the same length and time", /another file has taken its place/, replaced(copyOf)],
  [
    "is in a folder that is a link to one outside",
    /is another file, or was written to|another file has taken its place/,
    ({ root, outside }) => {
      rmSync(join(root, "folder"), { recursive: true });
      symlinkSync(join(outside, ".."), join(root, "folder"));
    },
  ],
];

for (const [how, says, change] of [...anywhere, ...inRoot]) {
  test(`a file of a root that ${how} since the image was planned is named, and not taken`, async (t) => {
    await assertNoticed(t, rootRules, says, change);
  });
}

for (const [how, says, change] of anywhere) {
  test(`a file of the store that ${how} is named, and not taken`, (t) => assertNoticed(t, storeRules, says, change));
}

test("in a store an equal file may take the place of another, as when it is optimised", async (t) => {
  const place = placeIn(t);
  const extents = planned(place, storeRules);
  replaced(copyOf)(place);
  await t.notThrowsAsync(write(place, extents));
});

test("a file that is written to while it is read is noticed at its end", async (t) => {
  const place = placeIn(t);
  const extents = planned(place, rootRules);
  const half = extents.map((extent) => ({ ...extent, length: length / 2 }));
  const rest = half.map(({ source }) => ({
    offset: length / 2,
    length: length / 2,
    source: { ...source, position: length / 2 },
  }));
  await t.throwsAsync(write(place, writtenBetween(place, half as Extent[], rest as Extent[])), {
    code: "SOURCE_CHANGED",
    message: /folder\/file .*was written to/,
  });
});

test("threads are told what a file was", (t) => {
  const extents = planned(placeIn(t), rootRules);
  t.like([...unpackExtents(packExtents(extents))], extents);
});

async function assertNoticed(t: ExecutionContext, rules: ReadRules, says: RegExp, change: Change): Promise<void> {
  const place = placeIn(t);
  const extents = planned(place, rules);
  change(place);
  const error = await t.throwsAsync(write(place, extents), { code: "SOURCE_CHANGED", message: says });
  t.true(error.message.startsWith(`${place.path} is not what it was`), error.message);
}

function placeIn(t: ExecutionContext): Place {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const root = join(folder, "root");
  mkdirSync(join(root, "folder"), { recursive: true });
  mkdirSync(join(folder, "outside"));
  const place = { root, path: join(root, "folder/file"), outside: join(folder, "outside/file") };
  writeFileSync(place.path, "i".repeat(length));
  writeFileSync(place.outside, "S".repeat(length));
  return place;
}

function planned({ root }: Place, rules: ReadRules): readonly Extent[] {
  const tree = readTree(byteString(root), rules) as DirectoryInode;
  return contentExtents(lookUp(tree, "folder/file") as FileInode);
}

function write({ root }: Pick<Place, "root">, extents: Iterable<Extent>): Promise<void> {
  return writeRaw({ size: 20_480, extents }, join(root, "../image"));
}

function* writtenBetween({ path }: Place, before: readonly Extent[], after: readonly Extent[]): Generator<Extent> {
  yield* before;
  writeFileSync(path, "n".repeat(length));
  yield* after;
}

function replaced(make: (path: string, place: Place) => void): Change {
  return (place) => {
    renameSync(place.path, join(place.root, "before"));
    make(place.path, place);
  };
}

function copyOf(path: string, { root }: Place): void {
  execFileSync("cp", ["--preserve=timestamps", join(root, "before"), path]);
}

test("an archive that another has taken the place of is named, also where a link leads to it", async (t) => {
  const { root } = placeIn(t);
  const archive = join(root, "../archive.tar");
  execFileSync("tar", ["--create", "--file", archive, "--directory", root, "."]);
  symlinkSync("archive.tar", `${archive}.link`);
  for (const path of [archive, `${archive}.link`]) {
    const tree = await readRoot(path, { owner: "root", times: "as-is", scratchFolder: root });
    const content = contentExtents(lookUp(tree, "folder/file") as FileInode);
    await t.notThrowsAsync(write({ root }, content));
    execFileSync("cp", ["--preserve=timestamps", archive, `${archive}.new`]);
    renameSync(`${archive}.new`, archive);
    const says = `${archive} is not what it was when the image was planned: another file has taken its place`;
    await t.throwsAsync(write({ root }, content), { code: "SOURCE_CHANGED", message: says });
  }
});
