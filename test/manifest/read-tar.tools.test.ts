import test from "ava";
import * as fc from "fast-check";
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { decompressArguments } from "../../src/manifest/decompress.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { readRoot, type RootOptions } from "../../src/manifest/read-root.ts";
import { readTar } from "../../src/manifest/read-tar.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { scratchFolder } from "../nix/nix.ts";
import { describeTree } from "./describe-tree.ts";
import { bytesOfFile } from "./write-tree.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const options: RootOptions = { owner: "as-is", times: "as-is", scratchFolder: scratch };
const tree = makeTree();

/** Every kind of file that a tar archive holds; times in whole seconds, which all formats keep. */
function makeTree(): string {
  const path = join(scratch, "tree");
  const long = "long-".repeat(40);
  mkdirSync(join(path, "folder", long), { recursive: true });
  writeFileSync(join(path, "folder", long, "file"), "deep");
  writeFileSync(join(path, "empty"), "");
  writeFileSync(join(path, "blocks"), Buffer.alloc(1024, "b"));
  writeFileSync(Buffer.from(`${path}/n\xe4me`, "latin1"), "latin1 name");
  symlinkSync("x".repeat(300), join(path, "long-link"));
  const script = `cd "$1" && ln blocks hard && mkfifo pipe && mknod device c 5 1 && chown 1234:5678 blocks && chmod 4751 blocks &&
    chmod 1777 folder && find . -exec touch -h -d @1700000000 {} +`;
  execFileSync("sh", ["-c", script, "sh", path]);
  return path;
}

function tar(name: string, folder: string, ...arguments_: string[]): string {
  const file = join(scratch, name);
  execFileSync("tar", ["-C", folder, "-cf", file, ...arguments_, "."]);
  return file;
}

for (const format of ["gnu", "oldgnu", "posix"]) {
  test(`a ${format} archive of a folder reads as the folder itself`, async (t) => {
    const archive = tar(`${format}.tar`, tree, `--format=${format}`);
    t.deepEqual(describeTree(await readRoot(archive, options)), describeTree(await readRoot(tree, options)));
  });
}

for (const [extension, flag] of [
  ["gz", "--gzip"],
  ["zst", "--zstd"],
  ["xz", "--xz"],
  ["bz2", "--bzip2"],
] as const) {
  test(`an archive compressed with ${extension} is unpacked first, whatever it is called`, async (t) => {
    const archive = tar(`packed-${extension}`, tree, flag);
    t.deepEqual(describeTree(await readRoot(archive, options)), describeTree(await readRoot(tree, options)));
  });
}

test("a few kilobytes do not unpack to gigabytes", async (t) => {
  const folder = mkdtempSync(join(scratch, "bomb-"));
  const bomb = join(folder, "bomb");
  // xz leaves holes for zeros, so that this writes next to nothing.
  const script = 'head -c 64M /dev/zero | xz -0 >"$1.part" && for _ in $(seq 20); do cat "$1.part"; done >"$1"';
  execFileSync("sh", ["-c", script, "sh", bomb]);
  const error = await t.throwsAsync(readRoot(bomb, { ...options, scratchFolder: folder }), {
    instanceOf: MkimageError,
    code: "BAD_REQUEST",
    message: /bomb unpacks to more than 1 GiB/,
  });
  t.regex(error?.hint ?? "", /unpack it/);
});

for (const program of ["gzip", "zstd", "xz", "bzip2"] as const) {
  test(`${program} ends where it has written as much as it may`, (t) => {
    const folder = mkdtempSync(join(scratch, "limit-"));
    const [input, output] = [join(folder, "input"), join(folder, "output")];
    execFileSync("sh", ["-c", 'head -c 4M /dev/zero | tr "\\0" x | "$1" -c >"$2"', "sh", program, input]);
    const unpack = (most: number) => spawnSync("sh", decompressArguments([program], { input, output, most }));
    t.not(unpack(1024 ** 2).status, 0);
    t.true(statSync(output).size <= 1024 ** 2);
    t.is(unpack(4 * 1024 ** 2).status, 0);
    t.is(statSync(output).size, 4 * 1024 ** 2);
  });
}

test("an incremental archive has its own kind of folders", async (t) => {
  const archive = tar("incremental.tar", tree, "--format=gnu", `--listed-incremental=${join(scratch, "snapshot")}`);
  t.deepEqual(comparable(await readRoot(archive, options)), comparable(await readRoot(tree, options)));
});

test("names of up to 255 characters fit into ustar's two fields", async (t) => {
  const path = join(scratch, "ustar");
  const long = "part-of-a-name/".repeat(12);
  mkdirSync(join(path, long), { recursive: true });
  writeFileSync(join(path, long, "file"), "x");
  const root = await readRoot(tar("ustar.tar", path, "--format=ustar"), options);
  t.is(lookUp(root, `${long}file`)?.type, "file");
});

test("a v7 archive has folders with a slash and no more", async (t) => {
  const path = join(scratch, "v7");
  mkdirSync(join(path, "folder"), { recursive: true });
  writeFileSync(join(path, "folder/file"), "x");
  t.deepEqual(
    describeTree(
      await readRoot(tar("v7.tar", path, "--format=v7"), { ...options, times: { seconds: 1, nanoseconds: 0 } }),
    ),
    describeTree(await readRoot(path, { ...options, times: { seconds: 1, nanoseconds: 0 } })),
  );
});

test("a pax archive keeps nanoseconds, times before 1970, large owners and extended attributes", async (t) => {
  const path = join(scratch, "pax");
  mkdirSync(path);
  const script = `cd "$1" && touch -d 1969-12-31T23:59:58.25Z old && touch -d @1700000000.123456789 new && chown 4000000000:4000000001 new &&
    setfattr -n user.a=b%c -v 0x000aff new && setfacl -m u:1234:r new`;
  execFileSync("sh", ["-c", script, "sh", path]);
  const archive = tar("pax.tar", path, "--format=posix", "--xattrs", "--xattrs-include=*");
  const root = await readRoot(archive, options);
  t.deepEqual(describeTree(root), describeTree(await readRoot(path, options)));
  t.deepEqual(lookUp(root, "old")?.mtime, { seconds: -2, nanoseconds: 250_000_000 });
  t.deepEqual([...(lookUp(root, "new")?.xattrs?.keys() ?? [])].toSorted(), ["system.posix_acl_access", "user.a=b%c"]);
});

const sparseFormats = [
  ["gnu", []],
  ["posix", ["--sparse-version=0.0"]],
  ["posix", ["--sparse-version=0.1"]],
  ["posix", ["--sparse-version=1.0"]],
] as const;

for (const [format, flags] of sparseFormats) {
  for (const pieces of [1, 30]) {
    test(`holes of a ${[format, ...flags].join(" ")} archive are holes, with ${pieces} pieces of data`, async (t) => {
      const path = mkdtempSync(join(scratch, "sparse-"));
      const file = openSync(join(path, "sparse"), "w");
      for (let piece = 0; piece < pieces; piece += 1) writeSync(file, `data ${piece}`, piece * 1024 ** 2 + 4096);
      truncateSync(join(path, "sparse"), 40 * 1024 ** 2 + 1);
      writeFileSync(join(path, "z-after"), "after");
      const root = await readRoot(
        tar(`sparse-${flags.join("")}-${pieces}.tar`, path, `--format=${format}`, "--sparse", ...flags),
        options,
      );
      t.deepEqual(comparable(root), comparable(await readRoot(path, options)));
      const sparse = lookUp(root, "sparse");
      t.is(sparse?.type === "file" ? contentExtents(sparse).length : 0, pieces);
    });
  }
}

test("a file of 9 GiB has its size in base 256", async (t) => {
  const path = join(scratch, "huge");
  mkdirSync(path);
  writeFileSync(join(path, "huge"), "");
  truncateSync(join(path, "huge"), 9 * 1024 ** 3);
  const root = await readRoot(tar("huge.tar", path, "--format=gnu", "--sparse"), options);
  t.like(lookUp(root, "huge"), { size: 9 * 1024 ** 3, content: [] });
});

test("owners and times can be set for all", async (t) => {
  const root = await readRoot(tar("set.tar", tree), {
    ...options,
    owner: "root",
    times: { seconds: 7, nanoseconds: 0 },
  });
  t.like(lookUp(root, "blocks"), { uid: 0, gid: 0, mode: 0o4751, mtime: { seconds: 7, nanoseconds: 0 } });
});

test("of a name that comes twice the later entry holds, and a folder keeps what is in it", async (t) => {
  const path = join(scratch, "twice");
  mkdirSync(join(path, "d"), { recursive: true });
  writeFileSync(join(path, "d/f"), "first");
  const archive = tar("twice.tar", path);
  writeFileSync(join(path, "d/f"), "second");
  execFileSync("chmod", ["700", join(path, "d")]);
  execFileSync("tar", ["-C", path, "-rf", archive, "d/f"]);
  execFileSync("tar", ["-C", path, "--no-recursion", "-rf", archive, "d"]);
  const root = await readRoot(archive, options);
  const file = lookUp(root, "d/f");
  t.is(file?.type === "file" ? bytesOfFile(file).toString() : "", "second");
  t.is(lookUp(root, "d")?.mode, 0o700);
});

const refusals: readonly [what: string, make: (path: string) => void, message: RegExp][] = [
  ["a file that is no archive", (path) => writeFileSync(path, "text ".repeat(200)), /not a tar archive/],
  [
    "an archive that is cut off",
    (path) => writeFileSync(path, readFileSync(tar("whole.tar", tree)).subarray(0, 4000)),
    /cut off|not a tar/,
  ],
  [
    "an archive with ACLs as text",
    (path) =>
      execFileSync("sh", [
        "-c",
        'mkdir "$1.d"; touch "$1.d/f"; setfacl -m u:1234:r "$1.d/f"; tar -C "$1.d" --acls --format=posix -cf "$1" .',
        "sh",
        path,
      ]),
    /ACLs as text/,
  ],
  [
    "an archive that leads out of itself",
    (path) =>
      execFileSync("sh", ["-c", 'echo x > "$1.x"; tar -P --transform "s,.*,../out," -cf "$1" "$1.x"', "sh", path]),
    /leads out of the archive/,
  ],
  [
    "a hard link to nothing",
    (path) =>
      execFileSync("sh", [
        "-c",
        'mkdir "$1.d"; cd "$1.d"; touch a; ln a b; tar -cf "$1" a b; tar --delete -f "$1" a',
        "sh",
        path,
      ]),
    /which does not come before it/,
  ],
];

for (const [what, make, message] of refusals) {
  test(`${what} is refused`, (t) => {
    const path = join(mkdtempSync(join(scratch, "refused-")), "archive.tar");
    make(path);
    const error = t.throws(() => readTar(path, { owner: "root", times: "as-is" }), {
      instanceOf: MkimageError,
      message,
    });
    t.is(error?.code, "BAD_REQUEST");
  });
}

test("a root that is not there is named", async (t) => {
  await t.throwsAsync(readRoot(join(scratch, "gone"), options), {
    instanceOf: MkimageError,
    message: /gone is not there/,
  });
});

test("any names of any bytes survive an archive", async (t) => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 120 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte))).toString("latin1"))
    .filter((text) => text !== "." && text !== "..");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 6 }), fc.constantFrom("gnu", "posix"), async (names, format) => {
      const path = mkdtempSync(join(scratch, "names-"));
      for (const file of names) writeFileSync(Buffer.from(`${path}/${file}`, "latin1"), file, "latin1");
      const archive = tar("names.tar", path, `--format=${format}`);
      t.deepEqual(comparable(await readRoot(archive, options)), comparable(await readRoot(path, options)));
    }),
    { numRuns: 25 },
  );
});

/** Without times, which some formats round, and without where an archive cuts data. */
function comparable(root: DirectoryInode): Record<string, object> {
  return Object.fromEntries(
    Object.entries(describeTree(root)).map(([path, inode]) => [path, { ...inode, mtime: undefined, data: undefined }]),
  );
}
