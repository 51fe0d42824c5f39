import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readGuestSecrets } from "../../src/pipeline/guest-secrets.ts";
import { readBytes } from "../../src/image/reading/examine-image.ts";
import { exitCodes, MkimageError } from "../../src/base/errors.ts";
import { spaceError } from "../../src/image/free-space.ts";
import { RawDisk } from "../../src/image/raw-disk.ts";
import { DiskBytes } from "../../src/image/disk-bytes.ts";
import { BlockReader } from "../../src/manifest/block-reader.ts";
import { readRoot } from "../../src/manifest/read-root.ts";
import { naming } from "../../src/runtime/naming.ts";
import { systemError } from "../../src/runtime/system-error.ts";
import type { Request } from "../../src/request/schema.ts";

/** A file that cannot be read, as one on a broken disk: nothing is at the beginning of a process's memory. */
const broken = "/proc/self/mem";
const times = { owner: "root", times: "as-is", scratchFolder: "/tmp" } as const;

const readings: Readonly<Record<string, () => unknown>> = {
  "an archive": () => readRoot(broken, times),
  "a block of an archive": () => {
    using reader = new BlockReader(broken);
    return reader.read(0, 512);
  },
  "a long entry of an archive": () => {
    using reader = new BlockReader(broken);
    return reader.read(0, 1024 ** 2);
  },
  "the beginning of an image": () => readBytes(broken, 0, 512),
  "a structure of an image": () => {
    const descriptor = openSync(broken, "r");
    try {
      return new DiskBytes(new RawDisk(descriptor, broken), 0, 4096).read(0, 512);
    } finally {
      closeSync(descriptor);
    }
  },
};

for (const [what, read] of Object.entries(readings)) {
  test(`a disk that fails under ${what} is said with the file`, async (t) => {
    const error = systemError(await t.throwsAsync(async () => read()));
    t.like(error, { code: "FILE_FAILED", hint: "the disk fails: the kernel's log says more" });
    t.regex(error?.message ?? "", /^cannot read \/proc\/(self|\d+)\/mem: i\/o error$/);
  });
}

test("what cannot be written is said with the file, whatever the reason", async (t) => {
  const error = Object.assign(new Error("EIO: i/o error, write"), { errno: -5, code: "EIO", syscall: "write" });
  t.is(systemError(await spaceError(error, "/images/disk", 1))?.message, "cannot write /images/disk: i/o error");
});

test("a quota that is used up is a disk without space, though Node has no name for it", async (t) => {
  const error = Object.assign(new Error("UNKNOWN"), { errno: -122, code: "UNKNOWN", syscall: "write" });
  t.like(await spaceError(error, "/tmp/disk", 1), { code: "NO_SPACE" });
});

test("secrets that cannot be read are named", (t) => {
  const folder = temporaryFolder(t);
  const request = { preFormatFiles: [[folder, "/key"]], secret: [] } as unknown as Request;
  const error = t.throws(() => readGuestSecrets(request), { instanceOf: MkimageError });
  t.true(
    error.details.some((line) => line.includes(folder)),
    error.details.join("\n"),
  );
});

test("where there are two files, both are named", (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["a", "b"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "b/file"), "");
  const error = t.throws(() => renameSync(join(folder, "a"), join(folder, "b")));
  t.is(systemError(error)?.message, `cannot rename ${join(folder, "a")} to ${join(folder, "b")}: directory not empty`);
});

test("an error that has a file keeps it, and one of ours stays as it is", (t) => {
  const missing = t.throws(() => naming("/other", () => readFileSync("/gone")));
  t.is(systemError(missing)?.message, "cannot open /gone: no such file or directory");
  const ours = new MkimageError("BAD_REQUEST", "no");
  t.is(
    t.throws(() => naming("/file", () => raise(ours))),
    ours,
  );
});

test("what a user can meet is no defect", (t) => {
  const descriptor = openSync("/", "r");
  t.teardown(() => closeSync(descriptor));
  const error = t.throws(() => naming("/", () => readSync(descriptor, Buffer.alloc(1))));
  t.is(systemError(error)?.message, "cannot read /: illegal operation on a directory");
  for (const [code, errno] of [
    ["ELOOP", -40],
    ["EBUSY", -16],
    ["ENOTEMPTY", -39],
    ["EFBIG", -27],
    ["ESTALE", -116],
    ["ENFILE", -23],
    ["ENOMEM", -12],
    ["EXDEV", -18],
    // Node has no names for these.
    ["UNKNOWN", -116],
    ["UNKNOWN", -122],
  ] as const) {
    const known = systemError(Object.assign(new Error(code), { code, errno, syscall: "open", path: "/file" }));
    t.true(known !== undefined && exitCodes[known.code] !== exitCodes.INTERNAL && known.hint !== undefined, code);
    t.regex(known?.message ?? "", /^cannot open \/file: [^U]/);
  }
});

function raise(error: Error): never {
  throw error;
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
