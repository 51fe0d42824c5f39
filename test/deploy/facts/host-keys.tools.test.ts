import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { fromDropbear } from "../../../src/deploy/facts/dropbear-key.ts";
import { publicHalf } from "../../../src/deploy/facts/public-half.ts";
import { readHostKeys } from "../../../src/deploy/facts/host-keys.ts";
import { recordsOf } from "./recorded-machine.ts";

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-host-keys-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

function dropbearKey(t: ExecutionContext, ...kind: readonly string[]): { bytes: Buffer; line: string } {
  const path = join(folderOf(t), "key");
  execFileSync("dropbearkey", ["-t", ...kind, "-f", path], { stdio: "ignore" });
  const said = execFileSync("dropbearkey", ["-y", "-f", path], { encoding: "utf8" });
  return { bytes: readFileSync(path), line: /^(?:ssh|ecdsa)-\S+ \S+/m.exec(said)?.[0] ?? "" };
}

const kinds = {
  ssh_host_ed25519_key: ["ed25519"],
  ssh_host_rsa_key: ["rsa", "-s", "2048"],
  ssh_host_ecdsa_key: ["ecdsa", "-s", "384"],
};
for (const [name, kind] of Object.entries(kinds)) {
  test(`a key of dropbear's, ${kind.join(" ")}, is the same one to OpenSSH, which can sign with it`, (t) => {
    const { bytes, line } = dropbearKey(t, ...kind);
    const files = fromDropbear(bytes);
    t.deepEqual(
      files.map((file) => file.name),
      [name, `${name}.pub`],
    );
    const folder = folderOf(t);
    const path = join(folder, name);
    for (const file of files) writeFileSync(join(folder, file.name), file.bytes, { mode: 0o600 });
    const derived = execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" });
    t.is(derived.trim().split(" ").slice(0, 2).join(" "), line);
    t.is(readFileSync(`${path}.pub`, "utf8").trim(), line);
    const signature = execFileSync("ssh-keygen", ["-Y", "sign", "-f", path, "-n", "test"], { input: "text" });
    writeFileSync(join(folder, "signature"), signature);
    writeFileSync(join(folder, "signers"), `host ${line}\n`);
    const verify = ["-Y", "verify", "-f", join(folder, "signers"), "-I", "host", "-n", "test"];
    t.notThrows(() => execFileSync("ssh-keygen", [...verify, "-s", join(folder, "signature")], { input: "text" }));
  });
}

test("bytes that are no key of dropbear's give none, and no error", (t) => {
  const { bytes } = dropbearKey(t, "rsa", "-s", "1024");
  const damaged = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: bytes.length }));
  const property = fc.property(damaged, ([at, value, length]) => {
    const copy = Buffer.from(bytes);
    copy[at] = value;
    const files = fromDropbear(copy.subarray(0, length));
    return files.length === 0 || files.length === 2;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
  t.deepEqual(fromDropbear(Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----\n")), []);
});

function madeKey(t: ExecutionContext, ...options: readonly string[]): { bytes: Buffer; line: string } {
  const path = join(folderOf(t), "key");
  execFileSync("ssh-keygen", ["-q", "-N", "", "-C", "root@host", "-f", path, ...options]);
  return { bytes: readFileSync(path), line: readFileSync(`${path}.pub`, "latin1").split(" ").slice(0, 2).join(" ") };
}

const forms: Readonly<Record<string, readonly string[]>> = {
  "OpenSSH's own, Ed25519": ["-t", "ed25519"],
  "OpenSSH's own, RSA": ["-t", "rsa", "-b", "2048"],
  "OpenSSH's own, ECDSA": ["-t", "ecdsa", "-b", "521"],
  "PEM, RSA": ["-t", "rsa", "-b", "2048", "-m", "PEM"],
  "PEM, ECDSA": ["-t", "ecdsa", "-b", "256", "-m", "PEM"],
  "PKCS#8, RSA": ["-t", "rsa", "-b", "3072", "-m", "PKCS8"],
};
for (const [form, options] of Object.entries(forms)) {
  test(`a private key without its public file tells that itself: ${form}`, (t) => {
    const { bytes, line } = madeKey(t, ...options);
    const record = `H\t/etc/ssh/ssh_host_some_key\t${bytes.toString("hex")}`;
    const found = readHostKeys(recordsOf({ records: [record] }));
    t.deepEqual(
      found.map(({ name, bytes: text }) => [name, String(text)]),
      [
        ["ssh_host_some_key", bytes.toString()],
        ["ssh_host_some_key.pub", `${line}\n`],
      ],
    );
  });
}

test("a public file that belongs to another private key is not believed, and the comment of the right one stays", (t) => {
  const [own, other] = [madeKey(t, "-t", "ed25519"), madeKey(t, "-t", "ed25519")];
  const publicFile = (line: string) => {
    const records = [
      `H\t/etc/ssh/a_key\t${own.bytes.toString("hex")}`,
      `H\t/etc/ssh/a_key.pub\t${hex(`${line} root@old\n`)}`,
    ];
    return String(readHostKeys(recordsOf({ records })).find(({ name }) => name === "a_key.pub")?.bytes);
  };
  t.is(publicFile(own.line), `${own.line} root@old\n`);
  t.is(publicFile(other.line), `${own.line}\n`);
});

test("damaged private keys tell no public key that is none, and end nothing", (t) => {
  const keys = [madeKey(t, "-t", "ed25519"), madeKey(t, "-t", "ecdsa", "-m", "PEM")];
  const property = fc.property(
    fc.constantFrom(...keys),
    fc.nat({ max: 2000 }),
    fc.nat({ max: 255 }),
    (key, at, value) => {
      const copy = Buffer.from(key.bytes);
      copy[at % copy.length] = value;
      const half = publicHalf(copy.subarray(0, at % 3 === 0 ? at : copy.length));
      return half === undefined || /^[a-z][\w@.-]+ [A-Za-z0-9+/]+=*$/.test(half);
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

const hex = (text: string) => Buffer.from(text).toString("hex");
const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n";
const publicKey = "ssh-ed25519 AAAA root@host\n";

test("a machine's own keys are taken, and dropbear's of the kinds that it has none of", (t) => {
  const dropbear = ["ed25519", "ecdsa"].map((kind) => {
    const { bytes } = dropbearKey(t, kind);
    return `H\t/etc/dropbear/dropbear_${kind}_host_key\t${bytes.toString("hex")}`;
  });
  const records = [
    `H\t/persist/ssh_host_ed25519_key\t${hex(privateKey)}`,
    `H\t/etc/ssh/ssh_host_ed25519_key\t${hex("-----BEGIN an older one")}`,
    `H\t/etc/ssh/ssh_host_ed25519_key.pub\t${hex(publicKey)}`,
    ...dropbear,
  ];
  const found = new Map(readHostKeys(recordsOf({ records })).map(({ name, bytes }) => [name, String(bytes)]));
  t.deepEqual([...found.keys()].toSorted(), [
    "ssh_host_ecdsa_key",
    "ssh_host_ecdsa_key.pub",
    "ssh_host_ed25519_key",
    "ssh_host_ed25519_key.pub",
  ]);
  t.is(found.get("ssh_host_ed25519_key"), privateKey);
  t.is(found.get("ssh_host_ed25519_key.pub"), publicKey);
});

const hostile = {
  "a name of no file": `H\t/etc/ssh/..\t${hex(privateKey)}`,
  "a name with a blank": `H\t/etc/ssh/a b\t${hex(privateKey)}`,
  "what is no key": `H\t/etc/ssh/ssh_host_rsa_key\t${hex("anything else")}`,
  "a public key with what a terminal obeys": `H\t/etc/ssh/a.pub\t${hex("ssh-ed25519 AAAA a\u001b[2J\n")}`,
  "a public key of two lines": `H\t/etc/ssh/a.pub\t${hex("ssh-ed25519 AAAA a\nssh-rsa AAAA b\n")}`,
  "one that is too large": `H\t/etc/ssh/a\t${hex(privateKey + "x".repeat(20_000))}`,
};
for (const [name, record] of Object.entries(hostile)) {
  test(`${name} is no host key`, (t) => t.deepEqual(readHostKeys(recordsOf({ records: [record] })), []));
}
