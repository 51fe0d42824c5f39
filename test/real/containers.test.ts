import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { chooseKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { MiB, parseSize } from "../../src/base/units.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import type { Tool } from "../../src/runtime/tools.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { fixture } from "../steps/fixtures.ts";
import { demoSystem, type Report, reportOf, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Images whose filesystems lie in LUKS, LVM, arrays and subvolumes: built, then opened and judged by other programs, in one
// guest for all of them.

/** Each case, the files of its disks in the order of its tree, and what its root is to have free. */
const cases = {
  "luks-lvm": { disks: ["luks-lvm"], space: "40M", flags: ["--secret", "crypted=KEY"] },
  raid1: { disks: ["one", "two"], space: "30M", flags: [] },
  btrfs: { disks: ["main"], space: "100M", flags: [] },
} as const;
type Name = keyof typeof cases;
const names = Object.keys(cases) as Name[];

const judges: readonly Tool[] = [
  ...(["bash", "blkid", "blockdev", "btrfs", "cryptsetup", "e2fsck", "lvs", "mdadm", "mount", "umount"] as const),
  "vgchange",
];

const folder = mkdtempSync(join(tmpdir(), "mkimage-containers-"));
const key = join(folder, "key");
const reports = new Map<Name, Report>();
/** The standard error of each build. */
const told = new Map<Name, string>();
let results: DirectoryInode;

test.before(async () => {
  // No end of line: a password is what stands in its file without it.
  writeFileSync(key, "correct horse", { mode: 0o600 });
  const system = demoSystem("none");
  for (const name of names) {
    const { space, flags } = cases[name];
    const tree = join(import.meta.dirname, "../../fixtures/devices", `${name}.json`);
    const request = ["--devices", tree, "--additional-space", space, "--accel", "tcg", "--no-install-boot-loader"];
    const secrets = [...flags.map((flag) => flag.replace("KEY", key)), "--post-format-files", key, "/etc/host.key"];
    const run = await runMkimage(["build", system, ...request, ...secrets, "--out", join(folder, name), "--verbose"]);
    told.set(name, run.stderr);
    if (run.exitCode !== 0) throw new Error(run.stderr);
    reports.set(name, reportOf(join(folder, name)));
  }
  results = await judge(system);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

async function judge(system: string): Promise<DirectoryInode> {
  const toolbox = await openToolbox(judges, { architecture: "x86_64", workFolder: folder });
  const script = readFileSync(join(import.meta.dirname, "container-judge.sh"));
  const job = {
    steps: [
      ...toolbox.steps,
      ...names.map((name) => ({ title: name, argv: ["/bin/busybox", "sh", "/job/judge", name] })),
    ],
    files: [{ path: byteString("judge"), bytes: script }],
    secrets: [{ path: byteString("secrets/key"), bytes: readFileSync(key) }],
    modules: [...new Set([...toolbox.modules, ...names.flatMap((name) => modulesOf(fixture(name)))])],
  };
  const guest = {
    architecture: "x86_64",
    acceleration: "tcg",
    kernel: chooseKernel({ toplevel: system, needs: [] }),
    disks: [...names.flatMap(disksOf), toolbox.disk],
  } as const;
  const places = { logPath: join(folder, "log"), resultsPath: join(folder, "results"), deadlineSeconds: 600 };
  return (await runGuest(guest, job, places)).results;
}

function disksOf(name: Name): Disk[] {
  return cases[name].disks.map((disk, index) => {
    const path = join(folder, name, `${disk}.img`);
    return { path, format: "raw", serial: index === 0 ? name : `${name}-${disk}`, access: "snapshot" };
  });
}

function said(t: ExecutionContext, name: Name, fact: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${fact}`));
  if (inode?.type !== "file") return t.fail(`${name} said nothing of ${fact}`) as never;
  return contentOf(inode).toString().trim();
}

test("--verbose shows the commands and the guest, and no secret", (t) => {
  for (const [name, text] of told) {
    t.regex(text, /^ {2}\$ \S*qemu-system/m, name);
    t.regex(text, /^ {2}\| mkimage-guest: begin/m, name);
    t.notRegex(text, /correct|horse|Y29ycmVjdC/, name);
  }
});

function filesystem(name: Name, mountpoint: string) {
  const found = reports.get(name)?.filesystems.find((each) => each.mountpoint === mountpoint);
  if (found === undefined) throw new Error(`${name} has no filesystem at ${mountpoint}`);
  return found;
}

function free(t: ExecutionContext, name: Name, fact: string): number {
  const [blocks, size] = said(t, name, `${fact}.free`).split(" ").map(Number);
  return (blocks ?? Number.NaN) * (size ?? Number.NaN);
}

for (const name of names) {
  test(`${name}: what is free on the root is what was planned, and what was asked for`, (t) => {
    const available = free(t, name, "/");
    const asked = parseSize(cases[name].space);
    t.true(available >= asked, `${available} bytes`);
    const root = name === "btrfs" ? filesystem(name, "/partition-root") : filesystem(name, "/");
    t.is(available, root.freeBytes);
    t.true(available <= asked + Math.max(0.03 * root.size, 4 * MiB), `${available} bytes`);
  });

  test(`${name}: its filesystems are clean, and fit into what they lie on`, (t) => {
    t.regex(said(t, name, "/.check"), name === "btrfs" ? /no error found/ : /files \(.*non-contiguous\)/);
    t.true(Number(said(t, name, "/.size")) >= filesystem(name, name === "btrfs" ? "/partition-root" : "/").size);
  });

  test(`${name}: every file of the store is there, byte for byte`, (t) => {
    const store = name === "btrfs" ? "nix" : "/";
    t.is(said(t, name, `${store}.store`), digestOfStore());
  });
}

for (const name of names) {
  test(`${name}: a file that was added after formatting is there, with its mode and the build's time`, (t) => {
    t.is(said(t, name, "/.key"), "600 0 0 1\ncorrect horse");
  });
}

test("the password opens the container, and swap and the other volume are there", (t) => {
  t.regex(said(t, "luks-lvm", "luks"), /Version:\s+2/);
  t.is(said(t, "luks-lvm", "swap"), "swap");
  const sizes = Object.fromEntries(
    said(t, "luks-lvm", "lvs")
      .split("\n")
      .map((line) => line.trim().split(/\s+/)),
  );
  t.deepEqual(sizes, { root: String(filesystem("luks-lvm", "/").size), swap: "33554432", home: "67108864" });
  t.is(free(t, "luks-lvm", "home"), filesystem("luks-lvm", "/home").freeBytes);
});

test("both halves of the array are there and hold the same, so that nothing has to be brought into step", (t) => {
  t.regex(said(t, "raid1", "mdadm"), /State : clean/);
  t.is(said(t, "raid1", "mdadm").match(/active sync/g)?.length, 2);
  t.is(said(t, "raid1", "mismatches"), "0");
});

test("subvolumes are those of the tree, and the swap file is one that the kernel takes", (t) => {
  const paths = said(t, "btrfs", "subvolumes")
    .split("\n")
    .map((line) => line.replace(/.* path /, ""));
  t.deepEqual(paths.toSorted(), ["home", "home/user", "nix", "rootfs", "swap"]);
  t.regex(said(t, "btrfs", "swapfile"), /offset/i);
});

/** The files of the closure, as the judge adds them up. */
function digestOfStore(): string {
  const script = `nix-store --query --requisites "$1" | sed 's,/nix/store/,./,' >"$2" && cd /nix/store &&
    xargs -a "$2" -I{} find {} -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum | md5sum`;
  return execFileSync("bash", ["-ec", script, "bash", demoSystem("none"), join(folder, "paths")], {
    encoding: "utf8",
    env: { ...process.env, NIX_CONFIG: "substitute = false" },
  }).trim();
}

if (isLong) {
  const password = "/tmp/pass 'word'\n";
  const files = ["/tmp/secret.key", "/tmp/additional.key", password];
  const groups = ["lvm-thin", "lvm-raid", "raid5-table", "btrfs-raid1-on-luks"];
  const others = ["hybrid", "tmpfs-root", "hostile-names", "long-device-name", "msdos", "table-gpt"];
  for (const name of [...groups, ...others]) {
    test.serial(`${name}: an image for each of its disks`, async (t) => {
      const tree = join(import.meta.dirname, "../../fixtures/devices", `${name}.json`);
      const keys = files.flatMap((path) => ["--pre-format-files", key, path]);
      const request = ["--devices", tree, "--additional-space", "64M", "--accel", "tcg", ...keys];
      const out = join(folder, name);
      const run = await runMkimage(["build", demoSystem("none"), ...request, "--out", out]);
      t.is(run.exitCode, 0, run.stderr);
      t.is(reportOf(out).disks.length, Object.keys(fixture(name).disk).length);
    });
  }
}
