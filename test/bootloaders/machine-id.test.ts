import test from "ava";
import { machineIdOf } from "../../src/bootloaders/machine-id.ts";
import { bytesExtent } from "../../src/image/extent.ts";
import type { DirectoryInode, Inode } from "../../src/manifest/inode.ts";
import { memoryStore } from "./memory-store.ts";
import { toplevel } from "./sample-system.ts";

const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
const folder = (entries: Readonly<Record<string, Inode>>): DirectoryInode => {
  return { ...attributes, type: "directory", entries: new Map(Object.entries(entries)) };
};
const file: Inode = { ...attributes, type: "file", size: 5, content: [bytesExtent(0, Buffer.from("0123\n"))] };

const ownId = memoryStore({ [`${toplevel}/etc/machine-id`]: "4567\n" });

test("an image has the machine id of its contents, else that of its system", (t) => {
  t.is(machineIdOf(folder({ etc: folder({ "machine-id": file }) }), toplevel, ownId), "0123");
  t.is(machineIdOf(folder({}), toplevel, ownId), "4567");
});

test("most images have none before their first boot", (t) => {
  t.is(machineIdOf(folder({ etc: folder({}) }), toplevel, memoryStore({})), undefined);
});
