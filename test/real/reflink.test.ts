import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { exitCodes } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { bytesExtent, type Extent } from "../../src/image/extent.ts";
import type { Image } from "../../src/image/image.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { copyRules } from "../../src/manifest/read-rules.ts";
import { readTree } from "../../src/manifest/read-folder.ts";
import type { DirectoryInode, FileInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { pieces, sampleBytes, sampleImage } from "../image/sample.ts";
import { judge, temporaryFolder } from "./loop-device.ts";
import { demoSystem, mkimage } from "./mkimage.ts";
import { mountMemory, mountNew, others, sharing, storedBytes } from "./reflink-scene.ts";
import { assertLeft, buildIn, type Scene } from "./scene.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

// Images share blocks with the files that they are made of, on filesystems of the kernel's own.

const wholeBlocks = 64 * 1024;

const endings: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void endings.push(end) };
test.after.always(() => endings.toReversed().forEach((end) => end()));

const names = Object.keys(sharing) as (keyof typeof sharing)[];
const mounts = mountAll({ ...sharing, ...others });

for (const [name, mount] of Object.entries(mounts)) {
  test(`${name}: whatever is shared, the bytes are those of the extents`, async (t) => {
    const folder = folderIn(mount);
    const path = join(folder, "disk.raw");
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (list, isAligned) => {
        const aligned = list.map((piece) => ({ ...piece, seed: 0, length: roundedUp(piece.length) }));
        const { image, bytes } = sampleImage(folder, isAligned ? aligned : list);
        await writeRaw(image, path);
        return readFileSync(path).equals(bytes);
      }),
      { numRuns: 20 },
    );
    t.pass();
  });
}

for (const name of names) {
  const mount = mounts[name];
  test(`${name}: of a file its whole blocks are shared, and only its tail is written`, async (t) => {
    const folder = folderIn(mount);
    const { image, bytes } = oneFile(folder, 3 * MiB + 100);
    await writeRaw(image, join(folder, "shared"));
    await writeRaw(image, join(folder, "copied"), { reflink: false });
    t.true(readFileSync(join(folder, "shared")).equals(bytes));
    t.true(readFileSync(join(folder, "copied")).equals(bytes));
    t.deepEqual(storedBytes(join(folder, "shared")), { shared: 3 * MiB, own: 4096 });
    t.deepEqual(storedBytes(join(folder, "copied")), { shared: 0, own: 3 * MiB + 4096 });
  });

  for (const [how, says, change] of [
    ["is gone", /it is gone/, (path: string) => rmSync(path)],
    ["has shrunk", /it ends at byte 65535|it is another file/, (path: string) => truncateSync(path, wholeBlocks - 1)],
    ["has grown", /it has more than|it is another file/, (path: string) => appendFileSync(path, "x")],
    ["was written to", /was written to/, (path: string) => writeFileSync(path, sampleBytes(wholeBlocks, 2))],
  ] as const) {
    test.serial(`${name}: a file that ${how} since the image was planned is named, and not shared`, async (t) => {
      const folder = folderIn(mount);
      const { image, path } = planned(folder);
      change(path);
      await t.throwsAsync(writeRaw(image, join(folder, "image")), { code: "SOURCE_CHANGED", message: says });
    });
  }

  test(`${name}: a file that is known by its size alone is seen to have grown`, async (t) => {
    const folder = folderIn(mount);
    const path = join(folder, "file");
    writeFileSync(path, sampleBytes(wholeBlocks + 1, 1));
    const extents = [
      { offset: 0, length: wholeBlocks, source: { kind: "file", path, fileSize: wholeBlocks } as const },
    ];
    await t.throwsAsync(writeRaw({ size: MiB, extents }, join(folder, "image")), { message: /it has more than/ });
  });

  test(`${name}: a file on another filesystem is copied, those beside it are shared`, async (t) => {
    const folder = folderIn(mount);
    const near = oneFile(folder, MiB);
    const far = oneFile(temporaryFolder(t), MiB);
    const extents = [
      ...near.image.extents,
      ...[...far.image.extents].map((extent) => ({ ...extent, offset: 4 * MiB })),
    ];
    await writeRaw({ size: 8 * MiB, extents }, join(folder, "image"));
    const stored = storedBytes(join(folder, "image"));
    t.deepEqual(stored, { shared: MiB, own: MiB });
  });

  test(`${name}: a disk that is full in the middle of sharing is NO_SPACE`, async (t) => {
    const folder = mountNew(t, sharing[name], 384 * MiB);
    const { image } = oneFile(folder, 16 * MiB);
    const piece = sampleBytes(MiB, 1);
    const rest = Array.from({ length: 500 }, (_, index) => bytesExtent((128 + index) * MiB, piece));
    const whole = { size: 1024 * MiB, extents: [...image.extents, ...rest] };
    await t.throwsAsync(writeRaw(whole, join(folder, "image")), { code: "NO_SPACE" });
  });

  test(`${name}: an interruption in the middle of sharing is heard`, async (t) => {
    const folder = folderIn(mount);
    const { image } = oneFile(folder, 24 * MiB);
    const controller = new AbortController();
    const onProgress = (done: number): void => void (done >= 8 * MiB && controller.abort());
    const options = { signal: controller.signal, onProgress };
    await t.throwsAsync(writeRaw(image, join(folder, "image"), options), { code: "INTERRUPTED" });
  });

  test.serial(
    `${name}: a build gives the bytes that it gives elsewhere, in the space of tails and metadata`,
    async (t) => {
      const folder = folderIn(mount);
      const root = makeRoot(join(folder, "root"));
      const places = { here: folder, memory: mountMemory(t), elsewhere: temporaryFolder(t) };
      const before = usedBytes(folder);
      const sums = [await built(t, root, places.here)];
      const taken = usedBytes(folder) - before;
      for (const place of Object.values(places)) sums.push(await built(t, root, place, "--no-reflink"));
      sums.push(await built(t, root, places.memory), await built(t, root, places.elsewhere));
      t.is(new Set(sums).size, 1, sums.join(" "));
      const { shared, own } = storedBytes(join(folder, "out/nixos.img"));
      t.is(shared, 32 * 2 * MiB);
      t.true(own < 8 * MiB, `${own} bytes of its own`);
      t.true(taken < 12 * MiB, `${taken} bytes of the filesystem`);
      t.is(storedBytes(join(folder, "out--no-reflink/nixos.img")).shared, 0);
    },
  );
}

test("a file that Btrfs refuses to share, since it has no checksums, is copied, those beside it are shared", async (t) => {
  const folder = mountNew(t, sharing.btrfs);
  const near = oneFile(folder, MiB);
  const plain = join(folder, "plain");
  mkdirSync(plain);
  judge("chattr", "+C", plain);
  const refused = oneFile(plain, MiB);
  const extents = [
    ...near.image.extents,
    ...[...refused.image.extents].map((extent) => ({ ...extent, offset: 4 * MiB })),
  ];
  await writeRaw({ size: 8 * MiB, extents }, join(folder, "image"));
  t.deepEqual(storedBytes(join(folder, "image")), { shared: MiB, own: MiB });
  t.true(
    readFileSync(join(folder, "image"))
      .subarray(4 * MiB, 5 * MiB)
      .equals(refused.bytes.subarray(0, MiB)),
  );
});

test("a quota that is used up in the middle of sharing leaves nothing", async (t) => {
  const mounted = mountNew(t, sharing.btrfs);
  const root = makeRoot(join(mounted, "root"));
  for (let index = 0; index < 4000; index += 1)
    writeFileSync(join(root, `small-${index}`), sampleBytes(9000, index % 200));
  judge("btrfs", "quota", "enable", mounted);
  const folder = join(mounted, "scene");
  judge("btrfs", "subvolume", "create", folder);
  judge("btrfs", "qgroup", "limit", "16M", folder);
  const scene: Scene = {
    folder,
    work: join(folder, "work"),
    temporary: temporaryFolder(t),
    out: join(folder, "work/out"),
  };
  mkdirSync(scene.work);
  const run = await buildIn(scene, ["--root", root, "--partition", "none"]);
  t.is(run.exitCode, exitCodes.NO_SPACE, run.stderr);
  assertLeft(t, scene);
});

test("with partitions and a bootloader the image is the same", async (t) => {
  const folder = mountNew(t, sharing.btrfs);
  const root = makeRoot(join(folder, "root"));
  const request = [
    "build",
    demoSystem("systemd-boot"),
    "--partition",
    "efi",
    "--contents",
    `source=${root},target=/big`,
  ];
  const sums = [];
  for (const option of ["--reflink", "--no-reflink"]) {
    const out = join(folder, `out${option}`);
    await mkimage(t, [...request, option, "--out", out]);
    sums.push(sumOf(join(out, "nixos.img")));
  }
  t.is(sums[0], sums[1]);
  t.is(storedBytes(join(folder, "out--reflink/nixos.img")).shared, 32 * 2 * MiB);
});

function mountAll<Name extends string>(
  all: Readonly<Record<Name, readonly [string, ...string[]]>>,
): Record<Name, string> {
  const entries = Object.entries(all) as [Name, readonly [string, ...string[]]][];
  return Object.fromEntries(entries.map(([name, made]) => [name, mountNew(scope, made)])) as Record<Name, string>;
}

function folderIn(mount: string): string {
  return mkdtempSync(join(mount, "test-"));
}

function roundedUp(length: number): number {
  return Math.ceil(length / 4096) * 4096;
}

interface OneFile {
  readonly image: Image;
  readonly bytes: Buffer;
}

/** An image with one file at its beginning, and a hole behind it. */
function oneFile(folder: string, length: number): OneFile {
  const sample = sampleImage(folder, [{ kind: "file", length, seed: 0 }], 8 * MiB);
  judge("sync", "--file-system", folder);
  return sample;
}

/** An image with one file of whole blocks, as it is planned of a folder. */
function planned(folder: string): { image: Image; path: string } {
  const root = join(folder, "root");
  mkdirSync(root);
  const path = join(root, "file");
  writeFileSync(path, sampleBytes(wholeBlocks, 1));
  const tree = readTree(root, { ...copyRules({ seconds: 1, nanoseconds: 0 }), links: "keep" }) as DirectoryInode;
  const extents: readonly Extent[] = contentExtents(lookUp(tree, "file") as FileInode);
  return { image: { size: MiB, extents }, path };
}

/** Files of whole blocks, with tails, with holes, and small ones. */
function makeRoot(root: string): string {
  mkdirSync(root);
  for (let index = 0; index < 32; index += 1) {
    writeFileSync(join(root, `file-${index}`), sampleBytes(2 * MiB + 100 * index, index));
    writeFileSync(join(root, `small-${index}`), sampleBytes(100 * index, index));
  }
  writeFileSync(join(root, "sparse"), "");
  truncateSync(join(root, "sparse"), 8 * MiB);
  judge("sync", "--file-system", root);
  return root;
}

async function built(t: ExecutionContext, root: string, place: string, ...options: string[]): Promise<string> {
  const out = join(place, `out${options.join("")}`);
  const request = ["--root", root, "--partition", "none", "--additional-space", "16M"];
  await mkimage(t, ["build", "--out", out, ...request, ...options]);
  return sumOf(join(out, "nixos.img"));
}

function sumOf(path: string): string {
  return judge("sha256sum", path).slice(0, 64);
}

function usedBytes(folder: string): number {
  judge("sync", "--file-system", folder);
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}
