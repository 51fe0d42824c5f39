import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import { publicKeyIn, publicKeysOf, withHostKeys } from "../../src/deploy/final-keys.ts";
import { expecting, expectingAny } from "../../src/deploy/known-keys.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { draftOf } from "../pipeline/drafts.ts";
import { targetFacts } from "./target-facts.ts";

const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv6mFsNwC1gN5uY0b1jlTJS2nvPPyC0vpq0Y8aE2nR2";
const hostKeys = [
  { name: "ssh_host_ed25519_key", bytes: Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----\n") },
  { name: "ssh_host_ed25519_key.pub", bytes: Buffer.from(`${line} root@old\n`) },
];

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-keys-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

function system() {
  return draftOf({}, { installer: { kind: "none", command: undefined, reason: "none" } }).blueprint.source;
}

test("a system gets the host keys of the machine, root's alone, and keeps them off this machine's disks", (t) => {
  const folder = folderOf(t);
  const source = withHostKeys(system(), targetFacts({ hostKeys }), folder, 7);
  const key = lookUp(source.files, byteString("etc/ssh/ssh_host_ed25519_key"));
  if (key?.type !== "file") return t.fail("there is no key");
  t.like(key, { mode: 0o600, uid: 0, gid: 0 });
  t.deepEqual(contentOf(key), hostKeys[0]?.bytes);
  t.is(statSync(join(folder, "ssh_host_ed25519_key")).mode & 0o777, 0o600);
  t.true(source.privateSources.includes(byteString(join(folder, "ssh_host_ed25519_key"))));
  t.deepEqual(publicKeysOf(source), [line]);
});

test("a system whose host keys have no public files is known by what the private ones tell", (t) => {
  const path = join(folderOf(t), "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  const alone = [{ name: "ssh_host_ed25519_key", bytes: readFileSync(path) }];
  const source = withHostKeys(system(), targetFacts({ hostKeys: alone }), folderOf(t), 7);
  t.deepEqual(publicKeysOf(source), [publicKeyIn(readFileSync(`${path}.pub`, "latin1"))]);
});

test("host keys that a system brings itself stay", (t) => {
  const own = withHostKeys(system(), targetFacts({ hostKeys }), folderOf(t), 7);
  const other = [{ name: "ssh_host_ed25519_key.pub", bytes: Buffer.from("ssh-ed25519 BBBB other\n") }];
  t.deepEqual(publicKeysOf(withHostKeys(own, targetFacts({ hostKeys: other }), folderOf(t), 7)), [line]);
});

test("a system without host keys has none that could be expected", (t) => {
  t.deepEqual(publicKeysOf(system()), []);
});

test("a public key is read without its comment, and nothing else is one", (t) => {
  t.is(publicKeyIn(`# old\n${line} root@old`), line);
  t.is(publicKeyIn("-----BEGIN OPENSSH PRIVATE KEY-----"), undefined);
  t.is(publicKeyIn("ssh-ed25519 not!base64"), undefined);
  t.is(publicKeyIn('command="x" ssh-ed25519 AAAA'), undefined);
});

test("a machine has to have an expected key, whatever the user's own options say", (t) => {
  const folder = folderOf(t);
  const theirs = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"];
  const { options } = expecting([line], { options: theirs }, folder);
  const first = (name: string) => options.find((option) => option.startsWith(`${name}=`));
  t.is(first("StrictHostKeyChecking"), "StrictHostKeyChecking=yes");
  t.is(readFileSync(first("UserKnownHostsFile")?.split("=")[1] ?? "", "utf8"), `mkimage-target ${line}\n`);
  t.true(options.includes("HostKeyAlias=mkimage-target"));
});

test("of a machine whose key nobody can know any is taken, and none is held", (t) => {
  const { options } = expectingAny({ options: [] });
  t.true(options.includes("StrictHostKeyChecking=no"));
  t.true(options.includes("UserKnownHostsFile=/dev/null"));
});
