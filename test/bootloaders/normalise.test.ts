import test from "ava";
import { emptyInstallation } from "../../src/bootloaders/installation.ts";
import { normaliseInstallation } from "../../src/bootloaders/normalise.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode, FileInode, Inode } from "../../src/manifest/inode.ts";
import { lookUp, walk } from "../../src/manifest/tree.ts";

const today = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 1_700_000_000, nanoseconds: 5 } };

function file(text: string): FileInode {
  const bytes = Buffer.from(text);
  return { ...today, type: "file", size: bytes.length, content: [bytesExtent(0, bytes)] };
}

function folder(entries: Readonly<Record<string, Inode>>): DirectoryInode {
  return { ...today, type: "directory", entries: new Map(Object.entries(entries)) };
}

function normalised(boot: DirectoryInode, machineId?: string): DirectoryInode {
  const installation = { ...emptyInstallation, trees: new Map([["/boot", boot]]) };
  const tree = normaliseInstallation(installation, { time: 7, machineId }).trees.get("/boot");
  if (tree === undefined) throw new Error("the tree is gone");
  return tree;
}

function namesIn(root: DirectoryInode): string[] {
  return [...walk(root)]
    .map(({ path }) => path)
    .filter((path) => path !== "")
    .sort();
}

test("all times become the one that was given", (t) => {
  const tree = normalised(
    folder({ EFI: folder({ "a.efi": file("a") }), link: { ...today, type: "symlink", target: "EFI" } }),
  );
  for (const { inode } of walk(tree)) t.deepEqual(inode.mtime, { seconds: 7, nanoseconds: 0 });
});

test("bootctl's random seed goes, in whatever spelling; others of the name stay", (t) => {
  const tree = folder({ Loader: folder({ "RANDOM-SEED": file("x") }), EFI: folder({ "random-seed": file("x") }) });
  t.deepEqual(namesIn(normalised(tree)), ["EFI", "EFI/random-seed", "Loader"]);
});

test("a file outside the boot folders keeps its name and content", (t) => {
  const files = new Map([["/loader", folder({ "random-seed": file("kept") })]]);
  const kept = normaliseInstallation({ ...emptyInstallation, files }, { time: 7, machineId: undefined }).files;
  t.true(lookUp(kept.get("/loader") as DirectoryInode, "random-seed") !== undefined);
});

const id = "0123456789abcdef0123456789abcdef";
const entry = (line: string) => `title NixOS\n${line}linux /EFI/k.efi\n`;
const withEntry = (text: string) => folder({ loader: folder({ entries: folder({ "a.conf": file(text) }) }) });
const entryOf = (tree: DirectoryInode) => contentOf(lookUp(tree, "loader/entries/a.conf") as FileInode).toString();

test("a machine id that a builder invented leaves its entry", (t) => {
  t.is(entryOf(normalised(withEntry(entry(`machine-id ${id}\n`)))), entry(""));
  t.is(entryOf(normalised(withEntry(entry(`machine-id ${id}\n`)), "f".repeat(32))), entry(""));
});

test("the image's own machine id stays in its entry", (t) => {
  t.is(entryOf(normalised(withEntry(entry(`machine-id ${id}\n`)), id)), entry(`machine-id ${id}\n`));
});
