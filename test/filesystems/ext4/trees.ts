import * as fc from "fast-check";
import { bytesExtent } from "../../../src/image/extent.ts";
import { byteString } from "../../../src/base/byte-string.ts";
import type {
  DeviceInode,
  DirectoryInode,
  FileInode,
  Inode,
  SpecialInode,
  SymlinkInode,
} from "../../../src/manifest/inode.ts";

export const options = {
  uuid: "2f3b7c1e-5d4a-4b6f-8c9d-0e1f2a3b4c5d",
  hashSeed: "9e8d7c6b-5a49-4837-a625-14031f2e3d4c",
  label: "nixos",
  time: 1,
} as const;

const plain = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };

/** A folder with these entries; names are ordinary text. */
export function folder(entries: Readonly<Record<string, Inode>> = {}): DirectoryInode {
  const named = Object.entries(entries).map(([name, inode]) => [byteString(name), inode] as const);
  return { type: "directory", ...plain, mode: 0o755, entries: new Map(named) };
}

/** A folder of `count` entries, made one by one. */
export function folderOf(
  count: number,
  entry: (index: number) => readonly [name: string, inode: Inode],
): DirectoryInode {
  return { ...folder(), entries: new Map(Array.from({ length: count }, (_, index) => entry(index))) };
}

/** A file that holds a text. */
export function file(text = "", attributes: Partial<FileInode> = {}): FileInode {
  const bytes = Buffer.from(text);
  return { type: "file", ...plain, size: bytes.length, content: [bytesExtent(0, bytes)], ...attributes };
}

/** A file with data at some places only. */
export function sparseFile(size: number, data: Readonly<Record<number, string>>): FileInode {
  const content = Object.entries(data).map(([offset, text]) => bytesExtent(Number(offset), Buffer.from(text)));
  return { ...file(), size, content };
}

export function symlink(target: string): SymlinkInode {
  return { type: "symlink", ...plain, mode: 0o777, target: byteString(target) };
}

export function device(type: DeviceInode["type"], major: number, minor: number): DeviceInode {
  return { type, ...plain, major, minor };
}

export function special(type: SpecialInode["type"]): SpecialInode {
  return { type, ...plain };
}

const byte = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."abcxyz0189._-+") },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) },
);

/** Names with every byte that a name may have, up to 255 of them. */
const name = fc
  .oneof(
    { weight: 6, arbitrary: fc.string({ unit: byte, minLength: 1, maxLength: 20 }) },
    { weight: 1, arbitrary: fc.string({ unit: byte, minLength: 255, maxLength: 255 }) },
  )
  .filter((text) => !text.includes("/") && ![".", "..", "lost+found"].includes(text));

/** As ext4 keeps them and e2fsck believes them: 1901 to 2310. */
const mtime = fc.record({
  seconds: fc.oneof(fc.constant(1), fc.integer({ min: -(2 ** 31), max: 0x2_7fff_ffff })),
  nanoseconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 })),
});

const owner = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 2 }));

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

/** Entries: user rw, user 1000 r, group r, group 70000 rwx, mask rwx, other none; in the form of getxattr. */
const acl = Buffer.from(
  "02000000" +
    "01000600ffffffff" +
    "02000400e8030000" +
    "04000400ffffffff" +
    "0800070070110100" +
    "10000700ffffffff" +
    "20000000ffffffff",
  "hex",
);
const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");

/** Attributes that may stand on anything, and those for files and folders only. */
const anyXattrs = fc.dictionary(
  fc.constantFrom("trusted.overlay", "trusted.x", "security.selinux", "security.ima"),
  fc.oneof(bytes(40), bytes(900)),
  { maxKeys: 3 },
);
const userXattrs = fc.dictionary(
  fc.string({ unit: byte, minLength: 1, maxLength: 60 }).map((text) => `user.${text.replaceAll(/[\0/]/g, "_")}`),
  fc.oneof(bytes(20), bytes(300)),
  { maxKeys: 3 },
);

const linkXattrs = anyXattrs.map((values) => new Map(Object.entries(values)));
const fileXattrs = fc
  .tuple(anyXattrs, userXattrs, fc.boolean(), fc.boolean())
  .map(([any, user, hasAcl, hasCapability]) => {
    const special_ = {
      ...(hasAcl && { "system.posix_acl_access": acl }),
      ...(hasCapability && { "security.capability": capability }),
    };
    return new Map<string, Uint8Array>(Object.entries({ ...any, ...user, ...special_ }));
  });

const attributes = { mode: fc.integer({ min: 0, max: 0o7777 }), uid: owner, gid: owner, mtime };
const sometimes = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
const none: ReadonlyMap<string, Uint8Array> = new Map();

/** Parts with gaps between them: [gap before, length], in bytes. */
const parts = fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 20_000 })), {
  maxLength: 6,
});

const regularFile = fc
  .record({
    ...attributes,
    xattrs: sometimes(fileXattrs, none),
    parts,
    hole: fc.integer({ min: 0, max: 3_000_000_000 }),
    seed: fc.nat(),
  })
  .map(({ parts: list, hole, seed, ...rest }): FileInode => {
    let end = 0;
    const content = list.map(([gap, length], index) => {
      const extent = bytesExtent(end + gap, Buffer.alloc(length, `${seed}:${index};`));
      end += gap + length;
      return extent;
    });
    return { type: "file", ...rest, content, size: seed % 5 === 0 ? end + hole : end };
  });

const target = fc
  .oneof(
    fc.string({ unit: byte, minLength: 1, maxLength: 80 }),
    fc.string({ unit: byte, minLength: 56, maxLength: 63 }),
    fc.string({ unit: byte, minLength: 4000, maxLength: 4095 }),
  )
  .map((text) => text.replaceAll("\0", "_"));

const leaf: fc.Arbitrary<Inode> = fc.oneof(
  { weight: 5, arbitrary: regularFile },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("symlink" as const),
      ...attributes,
      mode: fc.constant(0o777),
      xattrs: sometimes(linkXattrs, none),
      target,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("character-device" as const, "block-device" as const),
      ...attributes,
      major: fc.integer({ min: 0, max: 4095 }),
      minor: fc.integer({ min: 0, max: 2 ** 20 - 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("fifo" as const, "socket" as const),
      ...attributes,
      xattrs: sometimes(linkXattrs, none),
    }),
  },
);

const { folder: anyFolder } = fc.letrec<{ entry: Inode; folder: DirectoryInode }>((tie) => ({
  entry: fc.oneof({ depthSize: "small", maxDepth: 5 }, leaf, tie("folder")),
  folder: fc
    .record({
      ...attributes,
      xattrs: sometimes(fileXattrs, none),
      children: fc.array(fc.tuple(name, tie("entry")), { maxLength: 12 }),
    })
    .map(({ children, ...rest }): DirectoryInode => ({ type: "directory", ...rest, entries: new Map(children) })),
}));

/** Trees with hostile names and all kinds of files, some of them under several names, some in large folders. */
export const trees: fc.Arbitrary<DirectoryInode> = fc
  .record({
    root: anyFolder,
    links: fc.array(name, { maxLength: 3 }),
    many: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 700 })),
    long: fc.boolean(),
  })
  .map(({ root, links, many, long }) => {
    const linked = [...root.entries.values()].find((inode) => inode.type !== "directory");
    if (linked !== undefined) for (const other of links) if (!root.entries.has(other)) root.entries.set(other, linked);
    const entry = (index: number) => [`${index}${(long ? "n" : "").repeat(240)}`, file(`${index}`)] as const;
    if (many > 0) root.entries.set("many", folderOf(many, entry));
    return root;
  });

/** The name of a store path, by a number. */
export function storeName(number: number): string {
  return `${number.toString(36).padStart(32, "0")}-package`;
}

/** A store path: some files of these sizes, whose bytes follow from its name. */
export function storePath(number: number, sizes: readonly number[]): DirectoryInode {
  return folderOf(sizes.length, (index) => [`file-${index}`, numbered(sizes[index] ?? 0, number * 100 + index)]);
}

/** A file in which no block is like another. */
function numbered(size: number, seed: number): FileInode {
  const words = Uint32Array.from({ length: Math.ceil(size / 4) }, (_, index) => seed + Math.imul(index, 2654435761));
  const content = size === 0 ? [] : [bytesExtent(0, new Uint8Array(words.buffer, 0, size))];
  return { ...file(), size, content };
}

/** A tree with these store paths, by number, and other files beside them. */
export function storeOf(paths: ReadonlyMap<number, readonly number[]>, others: readonly number[] = []): DirectoryInode {
  const entries = [...paths].map(([number, sizes]) => [storeName(number), storePath(number, sizes)] as const);
  const store = { ...folder(), entries: new Map<string, Inode>(entries) };
  return folder({ nix: folder({ store }), var: storePath(0, others) });
}

const sizes = (most: number) => fc.array(fc.oneof(fc.nat(9000), fc.nat(most)), { maxLength: 6 });

/** Trees of store paths of any size, and large files elsewhere: enough of them that there may be gaps between them. */
export const storeTrees: fc.Arbitrary<DirectoryInode> = fc
  .record({
    paths: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 10_000 }), sizes(600_000)), {
      selector: ([number]) => number,
      maxLength: 40,
    }),
    large: fc.nat(20_000_000),
    others: sizes(200_000),
  })
  .map(({ paths, large, others }) => storeOf(new Map(paths).set(10_001, [large]), others));
