import test from "ava";
import { rmSync } from "node:fs";
import { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { scratchFolder } from "../nix/nix.ts";
import { buildTar } from "./build-tar.ts";
import { archive, binary, entry, header, octal, padded, pax, paxOf, sealed } from "./tar-maker.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const realSize = (size: string) => ({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": size });
/** A file of format 1.0, its map before its data. */
const sparse1 = (map: readonly (number | string)[], data: number, size = "8192") =>
  Buffer.concat([
    pax(realSize(size)),
    entry("f", Buffer.concat([padded(`${map.join("\n")}\n`), Buffer.alloc(data, "d")])),
  ]);
const sparse01 = (map: string, data: number, size = "8192") =>
  Buffer.concat([pax({ "GNU.sparse.size": size, "GNU.sparse.map": map }), entry("f", Buffer.alloc(data, "d"))]);
const sparse00 = (numbers: readonly (readonly [string, string])[], data: number) =>
  Buffer.concat([
    pax([
      ["GNU.sparse.size", "8192"],
      ...numbers.flatMap(([offset, length]) => [
        ["GNU.sparse.offset", offset] as const,
        ["GNU.sparse.numbytes", length] as const,
      ]),
    ]),
    entry("f", Buffer.alloc(data, "d")),
  ]);
/** A file of GNU's old format: up to four pieces in the header. */
function sparseOld(
  pieces: readonly (readonly [Buffer | string, Buffer | string])[],
  data: number,
  size: string,
): Buffer {
  const bytes = header("f", { type: "S", size: octal(data, 12) });
  for (const [index, [offset, length]] of pieces.entries()) {
    bytes.set(Buffer.from(offset), 386 + 24 * index);
    bytes.set(Buffer.from(length), 398 + 24 * index);
  }
  bytes.write(size, 483, "latin1");
  return Buffer.concat([sealed(bytes), padded(Buffer.alloc(data, "d"))]);
}

const x = entry("x", "hello\n");
const y = entry("y", "hello\n");

/** Each names its entry and what of it is wrong. */
const refused: Readonly<Record<string, readonly [bytes: Buffer, message: RegExp]>> = {
  "a size that is text": [archive(pax({ size: "abc" }), x, y), /entry x .* size, "abc",/],
  "a size with an exponent": [archive(pax({ size: "1e3" }), x, y), /entry x .* size, "1e3",/],
  "a negative size in base 256": [archive(entry("x", "", { size: binary(-1024n, 12) }), y), /entry x .* size, -1024/],
  "a size beyond all numbers": [
    archive(entry("x", "", { size: binary(2n ** 90n, 12) }), y),
    /entry x .* its size, 0x8/,
  ],
  "a size that is larger than the archive": [
    archive(entry("x", "", { size: octal(2 ** 30, 12) })),
    /entry x .* cut off/,
  ],
  "a size with the digit 8": [archive(entry("x", "", { size: "00000000018" }), y), /entry x .* size, "00000000018"/],
  "a mode that is text": [archive(entry("x", "", { mode: "rw-r--r" })), /entry x .* mode, "rw-r--r"/],
  "an owner that is text": [archive(pax({ uid: "root" }), x), /entry x .* uid, "root"/],
  "an owner beyond 32 bits": [archive(pax({ gid: "4294967296" }), x), /entry x .* gid, 4294967296,/],
  "the owner that stands for none": [archive(pax({ uid: "4294967295" }), x), /entry x .* uid, 4294967295,/],
  "a negative owner": [archive(entry("x", "", { uid: binary(-2n, 8) })), /entry x .* uid, -2,/],
  "a time that is text": [archive(pax({ mtime: "yesterday" }), x), /entry x .* mtime, "yesterday"/],
  "a time in bad octal": [archive(entry("x", "", { mtime: "9999" })), /entry x .* mtime, "9999"/],
  "a record with a wrong length": [archive(paxOf(Buffer.from("99 path=a\n")), x), /entry pax .* extended header/],
  "a record with zeros before its length": [
    archive(paxOf(Buffer.from("0010 p=ab\n")), x),
    /entry pax .* extended header/,
  ],
  "a record of no length": [archive(paxOf(Buffer.from("0 path=a\n")), x), /entry pax .* extended header/],
  "a record without a keyword": [archive(paxOf(Buffer.from("6 =ab\n")), x), /entry pax .* extended header/],
  "an extended header of 20 MiB": [
    archive(entry("pax", Buffer.alloc(20 * MiB), { type: "x" }), x),
    /entry pax .* 20971520/,
  ],
  "thousands of records for all": [
    archive(pax(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, "v"])), "g"), x),
    /entry pax .* more than 1000/,
  ],
  "a name of a mebibyte": [archive(entry("././@LongLink", "n".repeat(MiB), { type: "L" }), x), /@LongLink .* 1048576/],
  "a link of a mebibyte": [archive(entry("././@LongLink", "n".repeat(MiB), { type: "K" }), x), /@LongLink .* 1048576/],
  "20,000 levels": [
    archive(pax({ path: "a/".repeat(20_000) }), x),
    /entry a\/a.* 40000 bytes, of at most 4095 \(PATH_MAX/,
  ],
  "a name of 256 bytes": [archive(pax({ path: `d/${"n".repeat(256)}` }), x), /256 bytes, of at most 255 \(NAME_MAX\)/],
  "a zero byte in a name": [archive(pax({ path: "a\0b" }), x), /entry a.* zero byte/],
  "a way out": [archive(pax({ path: "a/../../b" }), x), /entry a\/..\/..\/b .* leads out/],
  "a hard link to nothing": [archive(entry("h", "", { type: "1", linkName: "gone" })), /entry h .* link to gone/],
  "a hard link out of the root": [
    archive(entry("h", "", { type: "1", linkName: "../../etc/passwd" })),
    /entry h .*etc\/passwd/,
  ],
  "a hard link to a folder": [
    archive(entry("d", "", { type: "5" }), entry("h", "", { type: "1", linkName: "d" })),
    /entry h .* link to d/,
  ],
  "a name behind a link": [
    archive(entry("l", "", { type: "2", linkName: "/etc" }), entry("l/passwd", "root")),
    /entry l\/passwd .* symlink/,
  ],
  "a name behind a file": [archive(x, entry("x/y")), /entry x\/y .* file, not a folder/],
  "a file over a folder with something in it": [archive(entry("d/f"), entry("d")), /entry d .* not empty/],
  "a link over a folder with something in it": [
    archive(entry("d/f"), entry("d", "", { type: "2", linkName: "f" })),
    /entry d .* not empty/,
  ],
  "a symbolic link to nowhere": [archive(entry("l", "", { type: "2" })), /entry l .* target/],
  "a symbolic link of 5000 bytes": [
    archive(pax({ linkpath: "t".repeat(5000) }), entry("l", "", { type: "2" })),
    /entry l .* 4095/,
  ],
  "a device of a large major number": [
    archive(entry("dev", "", { type: "3", major: "0010000" })),
    /entry dev .* devmajor, 4096,/,
  ],
  "a device of a large minor number": [
    archive(entry("dev", "", { type: "4", minor: "4000000" })),
    /entry dev .* devminor, 1048576,/,
  ],
  "a device whose number is none": [archive(entry("dev", "", { type: "3", major: "x" })), /entry dev .* devmajor, "x"/],
  "an unknown type": [archive(entry("u", "", { type: "M" })), /entry u .* type "M"/],
  "a wrong checksum": [Buffer.concat([x, Buffer.alloc(512, "z"), archive()]), /no header at byte 1024/],
  "an archive that ends in an entry": [archive(x, y).subarray(0, 1536 + 3), /entry y .* cut off/],
  "an archive that ends in a header": [archive(x, y).subarray(0, 1300), /cut off/],
  "an archive that ends between two entries": [archive(x, y).subarray(0, 1024), /lacks the blocks of zeros/],
  "an empty file": [Buffer.alloc(0), /lacks the blocks of zeros/],
  "a header that was zeroed": [
    Buffer.concat([x, Buffer.alloc(512), y, archive()]),
    /single block of zeros.* byte 1024/,
  ],
  "a header of what does not come": [archive(x, pax({ path: "z" })), /is of an entry that is not there/],
  "an attribute of an unknown kind": [
    archive(pax({ "SCHILY.xattr.system.other": "1" }), entry("d/f")),
    /^\/d\/f: .*system\.other/,
  ],
  "attributes of more than a block": [
    archive(pax({ "SCHILY.xattr.user.a": "v".repeat(5000) }), entry("d/f")),
    /^\/d\/f: .*too large/,
  ],
  "an ACL with an entry of no kind": [
    archive(pax({ "SCHILY.xattr.system.posix_acl_access": "\x02\0\0\0\x99\0\x07\0\xff\xff\xff\xff" }), entry("d/f")),
    /^\/d\/f: an ACL has an entry of the unknown kind 153/,
  ],
  "a file of 17 TiB": [archive(sparse1([0], 0, String(17 * 2 ** 40))), /^\/f: .*too large/],

  "1.0: pieces that overlap": [
    archive(sparse1([2, 0, 4096, 0, 4096], 8192)),
    /entry f .* piece of 4096 bytes at 0 begins before/,
  ],
  "1.0: pieces out of order": [archive(sparse1([2, 4096, 512, 0, 512], 1024)), /entry f .* begins before/],
  "1.0: a negative offset": [archive(sparse1([1, -4096, 4096], 4096)), /entry f .* "-4096"/],
  "1.0: a piece beyond the end": [archive(sparse1([1, 8192, 4096], 4096)), /entry f .* beyond the file's size of 8192/],
  "1.0: a count that is none": [archive(sparse1(["many"], 0)), /entry f .* "many"/],
  "1.0: more pieces than there are": [archive(sparse1([1_000_000, 0, 512], 512)), /entry f .* sparse map/],
  "1.0: less data than pieces": [
    archive(sparse1([1, 0, 4096], 512)),
    /entry f .* pieces have 4096 bytes, and the archive 512/,
  ],
  "1.0: more data than pieces": [
    archive(sparse1([1, 0, 512], 4096)),
    /entry f .* pieces have 512 bytes, and the archive 4096/,
  ],
  "1.0: a piece that is no multiple of a block": [
    archive(sparse1([2, 0, 100, 4096, 412], 512)),
    /entry f .* no multiple of 512/,
  ],
  "1.0: no size": [
    archive(pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0" }), entry("f", padded("0\n"))),
    /entry f .* size/,
  ],
  "1.0: a size that is text": [archive(sparse1([0], 0, "big")), /entry f .*realsize, "big"/],
  "an unknown sparse format": [
    archive(pax({ "GNU.sparse.major": "2", "GNU.sparse.minor": "0" }), entry("f")),
    /entry f .* 2\.0/,
  ],
  "0.1: pieces that overlap": [archive(sparse01("0,4096,2048,4096", 8192)), /entry f .* begins before/],
  "0.1: an offset without a length": [archive(sparse01("0,512,1024", 512)), /entry f .* no length/],
  "0.1: a number that is none": [archive(sparse01("0,512,,", 512)), /entry f .* GNU\.sparse\.map, ""/],
  "0.1: a piece beyond the end": [archive(sparse01("8000,512", 512)), /entry f .* beyond/],
  "0.1: a negative size": [archive(sparse01("0,512", 512, "-1")), /entry f .* GNU\.sparse\.size, "-1"/],
  "0.0: pieces out of order": [
    archive(
      sparse00(
        [
          ["4096", "512"],
          ["0", "512"],
        ],
        1024,
      ),
    ),
    /entry f .* begins before/,
  ],
  "0.0: a length that is none": [archive(sparse00([["0", "x"]], 512)), /entry f .*numbytes, "x"/],
  "old: a negative offset": [
    archive(sparseOld([[binary(-4096n, 12), "00000001000"]], 512, "00000020000")),
    /entry f .* legal offset/,
  ],
  "old: pieces that overlap": [
    archive(
      sparseOld(
        [
          ["00000000000", "00000001000"],
          ["00000000000", "00000001000"],
        ],
        1024,
        "00000020000",
      ),
    ),
    /entry f .* begins before/,
  ],
  "old: a piece beyond the end": [
    archive(sparseOld([["00000020000", "00000001000"]], 512, "00000020000")),
    /entry f .* beyond/,
  ],
  "old: a size that is none": [archive(sparseOld([["00000000000", "00000001000"]], 512, "99")), /entry f .* size/],
};

/** Strange archives that still mean something. */
const taken: Readonly<Record<string, Buffer>> = {
  "a time before what ext4 keeps": archive(pax({ mtime: "-99999999999.5" }), x),
  "a time behind what ext4 keeps": archive(pax({ mtime: "999999999999999" }), x),
  "a time in base 256 before 1970": archive(entry("x", "", { mtime: binary(-1n, 12) })),
  "the largest owner": archive(pax({ uid: "4294967294", gid: "4294967294" }), x),
  "an absolute name": archive(entry("/etc/x", "hello\n")),
  "2,000 levels": archive(pax({ path: `${"a/".repeat(2000)}f` }), x),
  "a file over an empty folder": archive(entry("d", "", { type: "5" }), entry("d", "now a file")),
  "a folder over a file": archive(entry("d", "was a file"), entry("d", "", { type: "5" })),
  "a hard link to a symbolic link": archive(
    entry("l", "", { type: "2", linkName: "x" }),
    entry("h", "", { type: "1", linkName: "l" }),
  ),
  "garbage behind its end": Buffer.concat([archive(x), Buffer.alloc(3000, "g")]),
  "one block of zeros at its end": Buffer.concat([x, Buffer.alloc(512)]),
  "blanks around a number": archive(entry("x", "", { uid: "   12 ", mtime: "           " })),
  "what old formats have in place of device numbers": archive(
    entry("x", "", { major: "\xff\xfe junk", minor: "junk" }),
  ),
  "a file that is one hole of 1 TiB": archive(sparse1([0], 0, String(2 ** 40))),
  "pieces within one block": archive(sparse1([3, 512, 512, 2048, 512, 3584, 100], 1124)),
  "the largest device numbers": archive(entry("dev", "", { type: "3", major: "0007777", minor: "3777777" })),
};

for (const [what, [bytes, message]] of Object.entries(refused)) {
  test(`refused, with the entry's name: ${what}`, async (t) => {
    const error = await t.throwsAsync(buildTar(bytes, scratch), { instanceOf: MkimageError, code: "BAD_REQUEST" });
    t.regex(error?.message ?? "", message);
    t.true((error?.message ?? "").length < 1000);
  });
}

for (const [what, bytes] of Object.entries(taken)) {
  test(`taken, and a clean filesystem: ${what}`, async (t) => {
    await t.notThrowsAsync(buildTar(bytes, scratch));
  });
}

test("folders that an archive leaves out are bounded by its size", async (t) => {
  const long = `${"a/".repeat(2000)}f`;
  const entries = Array.from({ length: 80 }, (_, index) => Buffer.concat([pax({ path: `${index}/${long}` }), x]));
  await t.throwsAsync(buildTar(archive(...entries), scratch), {
    instanceOf: MkimageError,
    message: /leaves out too many folders/,
  });
});
