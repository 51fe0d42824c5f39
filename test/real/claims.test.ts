import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { localExecutor } from "../../src/machine/local-executor.ts";
import { renderScript } from "../../src/devices/steps/script.ts";
import { type Guard, type Step, step } from "../../src/steps/step.ts";
import type { Claim } from "../../src/steps/claim.ts";
import { stepsOf } from "../steps/fixtures.ts";

// What there is stays: each script looks at every device before it changes one. Files stand for devices, which blkid and
// the makers of filesystems take as well.

/** Some empty files. */
function devicesOf(t: ExecutionContext, ...names: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-claims-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return names.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, "");
    truncateSync(path, 160 * MiB);
    return path;
  });
}

function make(program: string, ...argv: readonly string[]): void {
  execFileSync(program, argv, {
    stdio: "ignore",
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
  });
}

/** Runs only the look of a tree's formatting, and returns its status, which lets the rest happen or not, and its words. */
function look(tree: object): { readonly status: number | null; readonly said: string } {
  const steps = stepsOf(tree).create.filter(({ kind }) => kind === "look");
  const { status, stderr } = run(renderScript(steps));
  return { status, said: stderr };
}

function run(script: string) {
  const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8", env: { ...process.env, PATH, LC_ALL: "C" } });
}

/** The looks of a mount before it opens anything. */
function comparisons(tree: object): Step[] {
  return stepsOf(tree).mount.filter((each) => JSON.stringify(each).includes("require_names"));
}

const disk = (device: string | undefined, content: object) => ({ device, content });
const ext4 = { type: "filesystem", format: "ext4", mountpoint: "/" };

function sums(paths: readonly string[]): string[] {
  return paths.map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));
}

test("formatting begins with one look at every device of the tree, before its hooks", (t) => {
  const { create, mount } = stepsOf({ disk: { a: { ...disk("/dev/sda", ext4), preCreateHook: "echo first" } } });
  t.deepEqual(
    create.map(({ kind }) => kind),
    ["look", "hook", "commands"],
  );
  t.false(mount.some(({ kind }) => kind === "look"));
});

test("what holds nothing is fine, and so is what the tree made itself", (t) => {
  const [a = "", b = "", c = ""] = devicesOf(t, "a", "b", "c");
  const tree = { disk: { a: disk(a, ext4), b: disk(b, { type: "swap" }), c: disk(c, { type: "gpt" }) } };
  t.deepEqual(look(tree), { status: 0, said: "" });
  make("mkfs.ext4", "-q", a);
  make("mkswap", b);
  make("sgdisk", "--clear", c);
  t.deepEqual(look(tree), { status: 0, said: "" });
});

test("a table whose partitions have other names is another tree's: numbers move when a node comes or goes", (t) => {
  const [a = ""] = devicesOf(t, "a");
  const tree = (...keys: readonly string[]) => {
    const partitions = Object.fromEntries(
      keys.map((key) => [key, { size: "20M", content: { ...ext4, mountpoint: `/${key}` } }]),
    );
    return { disk: { a: disk(a, { type: "gpt", partitions }) } };
  };
  make(
    "sgdisk",
    "--clear",
    "--new=1:2048:+1M",
    "--change-name=1:disk-a-grub",
    "--new=2:0:+20M",
    "--change-name=2:disk-a-r",
    a,
  );
  const before = sums([a]);
  const { status, said } = look(tree("r"));
  t.is(status, 1);
  t.true(said.includes('its partition 1 is "disk-a-grub", where this tree has "disk-a-r"'), said);
  t.deepEqual(look(tree("grub", "r", "s")), { status: 0, said: "" });
  t.deepEqual(sums([a]), before);
  const opened = (keys: readonly string[]) => run(renderScript(comparisons(tree(...keys))));
  t.regex(
    opened(["r"]).stderr,
    /has the partitions of another tree: its partition 1 is "disk-a-grub"[^]*nothing was mounted/,
  );
  t.is(opened(["r"]).status, 1, "mounting goes by numbers too");
  t.is(opened(["grub", "r", "s"]).status, 0);
  make("sgdisk", "--change-name=1:", "--change-name=2:", a);
  t.deepEqual(look(tree("r")), { status: 0, said: "" }, "without names there is nothing to go by");
});

test("a GUID partition table in parted's terms is held to the names that the tree gives; an msdos table has none", (t) => {
  const [a = ""] = devicesOf(t, "a");
  const table = (format: string, ...names: readonly (string | null)[]) => {
    const partitions = names.map((name, index) => ({
      name,
      start: `${1 + 20 * index}MiB`,
      end: `${20 + 20 * index}MiB`,
      content: { ...ext4, mountpoint: `/${index}` },
    }));
    return { disk: { a: disk(a, { type: "table", format, partitions }) } };
  };
  const opened = (tree: object) => run(renderScript(comparisons(tree)));
  make("sgdisk", "--clear", "--new=1:2048:+19M", "--change-name=1:grub", "--new=2:0:+19M", "--change-name=2:r", a);
  const says = 'its partition 1 is "grub", where this tree has "r"';
  t.true(opened(table("gpt", "r")).stderr.includes(says));
  t.is(opened(table("gpt", "r")).status, 1);
  t.true(look(table("gpt", "r")).said.includes(says));
  t.is(look(table("gpt", "r")).status, 1);
  for (const names of [["grub", "r"], [null, "r"], [null]]) {
    t.is(opened(table("gpt", ...names)).status, 0);
    t.deepEqual(look(table("gpt", ...names)), { status: 0, said: "" });
  }
  t.deepEqual(comparisons(table("msdos", "r")), []);
});

test("a GPT of which only the backup is left is not nothing", (t) => {
  const [a = ""] = devicesOf(t, "a");
  make("sgdisk", "--clear", "--new=1:2048:+20M", a);
  make("dd", "if=/dev/zero", `of=${a}`, "bs=512", "count=34", "conv=notrunc");
  const { status, said } = look({ disk: { a: disk(a, { type: "gpt" }) } });
  t.is(status, 1);
  t.true(said.includes("the backup of a gpt table whose primary is lost"), said);
});

const zeros = (path: string, kibibytes: number) =>
  make("dd", "if=/dev/zero", `of=${path}`, "bs=1024", `count=${kibibytes}`, "conv=notrunc");

for (const [blockSize, size] of [
  [1024, 16],
  [2048, 48],
  [4096, 160],
] as const)
  test(`an ext filesystem with blocks of ${blockSize} bytes whose first superblock is lost is not nothing`, (t) => {
    const [a = ""] = devicesOf(t, "a");
    truncateSync(a, size * MiB);
    const tree = { disk: { a: disk(a, ext4) } };
    const uuid = "6d6b696d-6167-4574-8f6f-6c626f780001";
    make("mkfs.ext4", "-q", "-b", `${blockSize}`, "-U", uuid, a);
    zeros(a, 1024);
    const { status, said } = look(tree);
    t.is(status, 1);
    const what = `${a} holds an ext filesystem whose first superblock is lost (UUID ${uuid}); disk.a.content wants`;
    t.true(said.includes(what), said);
    const before = sums([a]);
    t.is(run(renderScript(stepsOf(tree).create)).status, 1);
    t.deepEqual(sums([a]), before);
  });

test("an ext filesystem that wipefs has erased is nothing, and so is one on a device that this run has made", (t) => {
  const [a = ""] = devicesOf(t, "a");
  const tree = { disk: { a: disk(a, ext4) } };
  make("mkfs.ext4", "-q", a);
  make("wipefs", "--all", a);
  t.deepEqual(look(tree), { status: 0, said: "" });
  zeros(a, 1024);
  t.is(look(tree).status, 1);
  const made = step("x", "make it", [], ["mark_cleared", a]);
  t.is(run(renderScript([made, ...stepsOf(tree).create])).status, 0);
  t.deepEqual(look(tree), { status: 0, said: "" }, "there is a whole one by now");
});

test("every fault is told at once: what is there, whose it is, and what the tree wants; and nothing is changed", (t) => {
  const [a = "", b = "", c = "", d = ""] = devicesOf(t, "a", "b", "c", "d");
  make("mkfs.ext4", "-q", "-L", "precious", "-U", "6d6b696d-6167-4574-8f6f-6c626f780001", a);
  make("mkswap", b);
  make("parted", "--script", c, "mklabel", "msdos");
  const before = sums([a, b, c, d]);
  const tree = {
    disk: {
      a: disk(a, { type: "lvm_pv", vg: "vg" }),
      b: disk(b, { type: "luks", name: "a-name-of-the-test" }),
      c: disk(c, { type: "gpt" }),
      d: disk(d, ext4),
    },
    lvm_vg: { vg: {} },
  };
  const { status, stderr, stdout } = run(renderScript(stepsOf(tree).create));
  t.is(status, 1);
  t.is(stdout, "==> look at what is on the devices\n");
  const lines = stderr.split("\n");
  t.is(
    lines.find((line) => line.startsWith(a)),
    `${a} holds ext4 (LABEL precious, UUID 6d6b696d-6167-4574-8f6f-6c626f780001); disk.a.content wants it to be a physical volume of volume group vg`,
  );
  t.regex(lines.find((line) => line.startsWith(b)) ?? "", /holds swap .*wants it to be an encrypted container/);
  t.regex(lines.find((line) => line.startsWith(c)) ?? "", /holds dos table; .*wants it to be a GUID partition table/);
  t.false(lines.some((line) => line.startsWith(d)));
  t.regex(stderr, /what is there stays/);
  t.deepEqual(sums([a, b, c, d]), before);
});

test("several things on one device are named", (t) => {
  const [a = ""] = devicesOf(t, "a");
  make("mkfs.btrfs", "--quiet", a);
  const signature = Buffer.from("SWAPSPACE2");
  const bytes = readFileSync(a);
  signature.copy(bytes, 4096 - signature.length);
  bytes.writeUInt32LE(1, 1024);
  bytes.writeUInt32LE(100, 1028);
  writeFileSync(a, bytes);
  const { status, said } = look({ disk: { a: disk(a, ext4) } });
  t.is(status, 1);
  t.regex(said, /several things at once \((btrfs, swap|swap, btrfs)\)/);
});

test("a table beside a filesystem is not the tree's table", (t) => {
  const [a = ""] = devicesOf(t, "a");
  make("sgdisk", "--clear", a);
  const other = devicesOf(t, "other")[0] ?? "";
  make("mkfs.btrfs", "--quiet", other);
  const bytes = readFileSync(a);
  readFileSync(other).copy(bytes, 65536, 65536, 65536 + 4096);
  writeFileSync(a, bytes);
  const { status, said } = look({ disk: { a: disk(a, { type: "gpt" }) } });
  t.is(status, 1);
  t.regex(said, /holds btrfs and a gpt table/);
});

test("what cannot be read is not taken for empty", (t) => {
  const [a = ""] = devicesOf(t, "a");
  const { status, said } = look({ disk: { a: disk(join(a, ".."), ext4) } });
  t.is(status, 1);
  t.regex(said, /something that cannot be read/);
});

test("devices of a btrfs have to be of the same one; one that is blank makes it incomplete", (t) => {
  const [a = "", b = ""] = devicesOf(t, "a", "b");
  const tree = (options: string[]) => ({
    disk: { a: disk(a, { type: "btrfs", extraArgs: ["-d raid1", b], mountpoint: "/", mountOptions: options }) },
  });
  make("mkfs.btrfs", "--quiet", b);
  t.regex(
    look(tree([])).said,
    /is incomplete: it lacks \S+a; replace what is missing, or give the mount option degraded/,
  );
  t.is(look(tree([])).status, 1);
  t.deepEqual(look(tree(["degraded"])), {
    status: 0,
    said: `==! the filesystem (btrfs) on ${a} is incomplete: it lacks ${a}; it is used as it is\n`,
  });
  make("mkfs.btrfs", "--quiet", a);
  t.regex(look(tree(["degraded"])).said, /b holds btrfs .*which belongs to [0-9a-f-]{36}/);
});

const claimOf = (devices: readonly string[], owner: string): Claim => ({
  thing: "group g",
  wanted: "a member of group g",
  devices: devices.map((device) => ({ path: "x", device })),
  own: { contents: ["swap"], owner: { argv: ["sh", "-c", owner], name: "g" } },
  incomplete: { kind: "used" },
  taken: { argv: ["false"] },
});

test("a group is made of members of nobody, and is there when any device belongs to it", (t) => {
  const [a = "", b = ""] = devicesOf(t, "a", "b");
  make("mkswap", a);
  const asked = (kind: "is made" | "is unmade", claim: Claim) => {
    const guards: Guard[] = [{ kind, claim }];
    const { status, stdout, stderr } = run(renderScript([step("x", "s", guards, ["with_own", "echo", "yes"])]));
    return { status, yes: /^yes.*$/m.exec(stdout)?.[0], said: stderr };
  };
  const ofNobody = claimOf([a, b], "true");
  t.like(asked("is unmade", ofNobody), { status: 0, yes: "yes", said: "" });
  t.like(asked("is made", ofNobody), { status: 0, yes: undefined });
  const ours = claimOf([a, b], "echo g");
  const lacking = `==! group g is incomplete: it lacks ${b}; it is used as it is\n`;
  t.like(asked("is unmade", ours), { status: 0, yes: undefined, said: lacking });
  t.like(asked("is made", ours), { status: 0, yes: `yes ${a}`, said: lacking });
  const foreign = claimOf([a, b], "echo another");
  t.regex(
    asked("is unmade", foreign).said,
    /holds swap .*, which belongs to another; x wants it to be a member of group g/,
  );
  t.is(asked("is unmade", foreign).status, 1);
  t.like(asked("is made", foreign), { status: 0, yes: undefined, said: "" });
  t.is(asked("is unmade", claimOf([a, b], "exit 3")).status, 1, "whose it is cannot be told");
});

test("what a group can do without is its own where the group is there, and in the way of a new one", (t) => {
  const [a = "", b = ""] = devicesOf(t, "a", "b");
  const auxiliary = { devices: [{ path: "y", device: b }], argv: ["grep", "-q", "a spare"] };
  const asked = (kind: "is made" | "is unmade") => {
    const guards: Guard[] = [{ kind, claim: { ...claimOf([a], "echo g"), auxiliary } }];
    const { status, stdout, stderr } = run(renderScript([step("x", "s", guards, ["with_own", "echo", "yes"])]));
    return { status, yes: /^yes.*$/m.exec(stdout)?.[0], said: stderr };
  };
  t.like(asked("is unmade"), { status: 0, yes: "yes", said: "" }, "both hold nothing");
  writeFileSync(b, "a spare, of whatever group");
  t.is(asked("is unmade").status, 1);
  t.true(
    asked("is unmade").said.includes(`\n${b} holds a spare or a cache of another group; y wants it to be a member`),
  );
  t.like(asked("is made"), { status: 0, yes: undefined });
  make("mkswap", a);
  t.like(asked("is made"), { status: 0, yes: `yes ${a}`, said: "" });
  t.like(asked("is unmade"), { status: 0, yes: undefined, said: "" });
  rmSync(b);
  t.regex(asked("is made").said, /group g is incomplete: it lacks \S+b; it is used as it is/);
});

test("a name that something else has is in the way, when no device is the group's", (t) => {
  const [a = ""] = devicesOf(t, "a");
  const claim = { ...claimOf([a], "echo g"), taken: { argv: ["true"] } };
  const script = () => run(renderScript([{ kind: "look", path: "", title: "look", claims: [claim] }]));
  t.regex(script().stderr, /group g: something else on this machine has this name/);
  t.is(script().status, 1);
  make("mkswap", a);
  t.is(script().status, 0);
});

test("who runs the steps hears what is incomplete, and all that is in the way", async (t) => {
  const [a = "", b = ""] = devicesOf(t, "a", "b");
  make("mkswap", a);
  const notes: string[] = [];
  const executor = localExecutor({
    signal: new AbortController().signal,
    onStep: () => {},
    onNote: (text) => void notes.push(text),
  });
  const lookAt = (owner: string) =>
    executor.run([{ kind: "look", path: "", title: "look", claims: [claimOf([a, b], owner)] }]);
  await lookAt("echo g");
  t.deepEqual(notes, [`group g is incomplete: it lacks ${b}; it is used as it is`]);
  const error = await t.throwsAsync<MkimageError>(lookAt("echo another"));
  t.is(error.message, "could not look");
  t.true(error.details.some((line) => line.startsWith(`${a} holds swap `)));
});

for (const onOutput of [undefined, () => {}]) {
  const how = onOutput === undefined ? "" : ", with every command shown";
  test(`of thirty devices with something in the way each is told${how}`, async (t) => {
    const names = Array.from({ length: 30 }, (_, index) => `device ${index}`);
    const devices = devicesOf(t, ...names);
    for (const device of devices) make("mkswap", device);
    const executor = localExecutor({
      signal: new AbortController().signal,
      onStep: () => {},
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    const claims = devices.map((device) => claimOf([device], "echo another"));
    const { details } = await t.throwsAsync<MkimageError>(
      executor.run([
        step("x", "say much", [], ["seq", "100"], ["sh", "-c", "seq 100 >&2"]),
        { kind: "look", path: "", title: "look", claims },
      ]),
    );
    t.deepEqual(
      details.map((line) => line.replace(/ (holds swap|is there stays).*/, "")),
      [...devices, "what"],
    );
  });
}

test("what is in the way in the middle of a run is told, and no command that never ran", async (t) => {
  const [a = ""] = devicesOf(t, "a");
  make("mkswap", a);
  const executor = localExecutor({ signal: new AbortController().signal, onStep: () => {} });
  const faultOf = (guards: readonly Guard[], ...argv: readonly string[]) =>
    t.throwsAsync<MkimageError>(executor.run([step("x", "make it", guards, argv)]));
  const refused = await faultOf([{ kind: "is unmade", claim: claimOf([a], "echo another") }], "touch", "never");
  t.is(refused.message, "could not make it");
  t.deepEqual(
    refused.details.map((line) => line.replace(/(holds swap|take such).*/, "$1")),
    [`${a} holds swap`, "what is there stays: take such"],
  );
  const failed = await faultOf([], "sh", "-c", "echo broken >&2; exit 3");
  t.deepEqual(failed.details, ["sh -c 'echo broken >&2; exit 3'", "broken"]);
});
