import test from "ava";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { missingKeys } from "../../../src/pipeline/plan/missing-keys.ts";

const nothing = { passwords: new Set<string>(), files: new Set<string>() };

function treeWith(luks: object, hook = "") {
  const content = { type: "luks", name: "crypted", ...luks };
  return readDeviceTree({ disk: { main: { device: "/dev/sda", preCreateHook: hook, content } } });
}

test("a container without a key asks for a password, which a secret of its name answers", (t) => {
  t.deepEqual(missingKeys(treeWith({}), nothing), [
    "disk.main.content: asks for a password; give it as --secret crypted=FILE",
  ]);
  t.deepEqual(missingKeys(treeWith({}), { ...nothing, passwords: new Set(["crypted"]) }), []);
});

test("where nobody can be asked, a password has to be in a file", (t) => {
  t.regex(missingKeys(treeWith({}), { ...nothing, passwords: undefined }).join(), /let it name a passwordFile/);
});

test("keys in files have to be placed in the guest, additional ones too", (t) => {
  const tree = treeWith({ passwordFile: "/tmp/password", additionalKeyFiles: ["/tmp/more"] });
  t.is(missingKeys(tree, nothing).length, 2);
  t.deepEqual(missingKeys(tree, { ...nothing, files: new Set(["/tmp/password", "/tmp/more"]) }), []);
});

test("settings.keyFile wins, so that nothing else of a node is looked for", (t) => {
  const tree = treeWith({ settings: { keyFile: "/tmp/key" }, askPassword: true, passwordFile: "/tmp/password" });
  t.deepEqual(missingKeys(tree, { ...nothing, files: new Set(["/tmp/key"]) }), []);
});

test("a bcachefs with a password looks for its file too", (t) => {
  const tree = readDeviceTree({
    disk: { main: { device: "/dev/sda", content: { type: "bcachefs", filesystem: "pool" } } },
    bcachefs_filesystems: { pool: { passwordFile: "/tmp/password" } },
  });
  t.regex(missingKeys(tree, nothing).join(), /^bcachefs_filesystems\.pool: its key \/tmp\/password is not there/);
});

test("devices are there, and shell lines of the user's may make files", (t) => {
  t.deepEqual(missingKeys(treeWith({ settings: { keyFile: "/dev/urandom" } }), nothing), []);
  t.deepEqual(missingKeys(treeWith({ keyFile: "/tmp/key" }, "make-key >/tmp/key"), nothing), []);
});
