import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test, { type ExecutionContext } from "ava";
import type { DiffFacts } from "../../src/inspect/diff/facts.ts";
import { bootDemo } from "./boot-demo.ts";
import { mounted } from "./ext4-mount.ts";
import { buildFixtures } from "./fixtures-build.ts";
import { listDifferences, type ListedFile, listFiles } from "./file-list.ts";
import { demoSystem, judge, offlineNix, type Run, reportOf, runMkimage } from "./mkimage.ts";
import { readGptTable, type Slice } from "./partition-slices.ts";
import { isLong } from "../together/is-long.ts";

// The demo system, laid out by mkimage, and installed by its own nixos-install with real Nix: the second judges the first.

const folder = mkdtempSync(join(tmpdir(), "mkimage-installer-"));
const system = demoSystem("systemd-boot-installer");
const request = ["build", system, "--partition", "efi", "--additional-space", "64M", "--accel", "tcg"];
const additionalSpace = 64 * 1024 ** 2;
const names = ["mkimage", "nixos-install"] as const;
type Name = (typeof names)[number];
const outOf = (name: Name): string => join(folder, name);
const imageOf = (name: Name): string => join(outOf(name), "nixos.img");
let run: Run;

test.before(async () => {
  const built = await runMkimage([...request, "--out", outOf("mkimage")]);
  if (built.exitCode !== 0) throw new Error(built.stderr);
  run = await runMkimage([...request, "--installer", "nixos-install", "--out", outOf("nixos-install")]);
  if (run.exitCode !== 0) throw new Error(run.stderr);
  for (const name of names) for (const slice of readGptTable(imageOf(name))) cutOut(name, slice);
});

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test("the disks are nixos-install's own, and do not promise their bytes", (t) => {
  t.regex(run.stderr, /bytes are not reproducible: nixos-install has installed the system on it/);
  t.false(reportOf(outOf("nixos-install")).reproducible);
});

test("table and filesystems are clean", (t) => {
  t.regex(judge("sgdisk", "-v", imageOf("nixos-install")), /No problems found/);
  judge("fsck.vfat", "-n", partition("nixos-install", 1));
  t.notThrows(() => judge("e2fsck", "-fn", partition("nixos-install", 2)));
});

test("the free space is what was asked for, and hardly more, as the kernel says it", async (t) => {
  const free = await mounted<number>(t, partition("nixos-install", 2), (root) => {
    const { bavail, bsize } = statfsSync(root);
    return bavail * bsize;
  });
  const root = reportOf(outOf("nixos-install")).filesystems.find(({ mountpoint }) => mountpoint === "/");
  t.is(free, root?.freeBytes ?? -1);
  t.true(free >= additionalSpace, `${free}`);
  t.true(free <= additionalSpace + Math.max(4 * 1024 ** 2, (root?.size ?? 0) * 0.03), `${free}`);
});

test("file by file, mkimage and nixos-install differ in what docs/differences.md lists, and in nothing else", async (t) => {
  const differences = listDifferences(await listsOf(t), names);
  const [rows] = listedDifferences();
  const isListed = (difference: string) => rows.some((row) => row.test(difference));
  t.deepEqual(
    differences.filter((difference) => !isListed(difference)),
    [],
    "these are not in the list",
  );
  t.deepEqual(
    rows.filter((row) => !differences.some((difference) => row.test(difference))).map(String),
    [],
    "these are listed, and do not differ",
  );
  t.deepEqual(
    differences.filter((line) => line.startsWith("/nix/store/") && !line.startsWith("/nix/store/.links: ")),
    [],
  );
});

test("mkimage diff finds the same", async (t) => {
  const { stdout } = await runMkimage(["diff", ...names.map(imageOf), "--json", "--quiet"]);
  const { files } = JSON.parse(stdout) as DiffFacts;
  const found = files.flatMap(({ kind, name, what }) => {
    const [, path = "", number] = /^(.*), partition (\d+)$/.exec(name) ?? [];
    const place = number === "1" ? `/boot${path}` : path;
    if (kind !== "changed") return [`${place}: only ${kind === "added" ? names[1] : names[0]}`];
    return what.map((each) => `${place}: ${wordFor(each)}`);
  });
  // Of the root itself the other list says nothing.
  t.deepEqual(found.filter((line) => !line.startsWith("/: ")).toSorted(), listDifferences(await listsOf(t), names));
});

test("both databases know the same paths, with the same hashes, sizes and references", async (t) => {
  const [own, other] = [await databaseOf(t, "mkimage"), await databaseOf(t, "nixos-install")];
  t.true(own.length > 100, `${own.length}`);
  t.deepEqual(own, other);
});

test("it boots", async (t) => {
  t.like(await bootDemo(imageOf("nixos-install"), "efi"), { variant: "systemd-boot-installer", firmware: "efi" });
});

test("a system without nixos-install is refused before anything is written", async (t) => {
  const wishes = ["--partition", "efi", "--installer", "nixos-install", "--out", join(folder, "refused")];
  const { exitCode, stderr } = await runMkimage(["build", demoSystem("systemd-boot"), ...wishes]);
  t.is(exitCode, 2, stderr);
  t.regex(stderr, /there is no nixos-install in \/nix\/store\/\S+\/sw\/bin/);
  t.regex(stderr, /--installer built-in/);
});

if (isLong) {
  test("GRUB's system installs itself too, and differs from what mkimage captures in what is listed", async (t) => {
    const wishes = ["--partition", "legacy", "--additional-space", "64M", "--accel", "tcg"];
    const outs = ["built-in", "nixos-install"].map((installer) => join(folder, `grub-${installer}`));
    for (const [index, out] of outs.entries()) {
      const installer = index === 0 ? [] : ["--installer", "nixos-install"];
      const { exitCode, stderr } = await runMkimage([
        "build",
        demoSystem("grub-installer"),
        ...wishes,
        ...installer,
        "--out",
        out,
      ]);
      t.is(exitCode, 0, stderr);
    }
    const [built = "", installed = ""] = outs.map((out) => join(out, "nixos.img"));
    const { freeBytes = 0 } = reportOf(dirname(installed)).filesystems[0] ?? {};
    t.true(freeBytes >= additionalSpace && freeBytes <= additionalSpace + 4 * 1024 ** 2, `${freeBytes}`);
    t.like(await bootDemo(installed, "bios"), { variant: "grub-installer" });
    // Boot code, but for the table; then the gap up to the first partition.
    judge("cmp", "--bytes=440", built, installed);
    judge("cmp", "--ignore-initial=512", `--bytes=${1024 ** 2 - 512}`, built, installed);
    const roots = [await filesOfRoot(t, built), await filesOfRoot(t, installed)] as const;
    const differences = listDifferences(roots, names);
    const [common, ofGrub] = listedDifferences();
    t.deepEqual(
      differences.filter((difference) => ![...common, ...ofGrub].some((row) => row.test(difference))),
      [],
    );
    t.true(ofGrub.length > 0 && ofGrub.every((row) => differences.some((difference) => row.test(difference))));
  });

  test("a system with Nix of its own installs itself by that", async (t) => {
    const out = join(folder, "own-nix");
    const wishes = ["--partition", "efi", "--installer", "nixos-install", "--out", out];
    const { exitCode, stderr } = await runMkimage(["build", systemWithNix(), ...wishes]);
    t.is(exitCode, 0, stderr);
    t.is(reportOf(out).tools["nix"], undefined, "this machine's is not used");
    t.like(await bootDemo(join(out, "nixos.img"), "efi"), { variant: "systemd-boot-with-nix" });
  });

  test("what nixos-install says last is shown when it fails, and nothing is left", async (t) => {
    const out = join(folder, "failed");
    const file = ["--contents", `source=${imageOf("mkimage")}.json,target=/boot/loader`];
    writeFileSync(`${imageOf("mkimage")}.json`, "in the way");
    const { exitCode, stderr } = await runMkimage([...request, "--installer", "nixos-install", ...file, "--out", out]);
    t.is(exitCode, 8, stderr);
    t.regex(stderr, /"run nixos-install" failed in the guest with exit code 1/);
    t.regex(stderr, /Not a directory: '\/boot\/loader\/loader\.conf'/);
    t.false(existsSync(out));
  });
}

/** The demo system with this machine's Nix in its path, as programs of the store. */
function systemWithNix(): string {
  const nix = join(folder, "nix-of-this-machine");
  for (const name of ["bin", "lib"]) mkdirSync(join(nix, name), { recursive: true });
  const program = realpathSync(judge("which", "nix").trim());
  const libraries = judge("ldd", program).match(/\/\S+/g) ?? [];
  for (const path of [program, ...libraries]) copyFileSync(path, join(nix, "lib", basename(path)));
  const loader = 'here=$(dirname "$(dirname "$(readlink -f "$0")")")\nexec "$here/lib/ld-linux-x86-64.so.2"';
  const words = '--library-path "$here/lib" --argv0 "$0" "$here/lib/nix" "$@"';
  for (const name of ["nix", "nix-env", "nix-store"])
    writeFileSync(join(nix, "bin", name), `#!/bin/sh\n${loader} ${words}\n`, { mode: 0o755 });
  const storePath = judge("nix-store", "--add", nix).trim();
  const flake = buildFixtures("--flake")[0];
  const expression = `((import ${flake}/system.nix) ((import ${flake}/loaders.nix).systemd-boot { } // {
    name = "systemd-boot-with-nix"; installerTools = true; systemPackages = [ (builtins.storePath ${storePath}) ];
  })).config.system.build.toplevel`;
  const environment = { ...process.env, ...offlineNix };
  return execFileSync("nix-build", ["--no-out-link", "--expr", expression], {
    encoding: "utf8",
    env: environment,
  }).trim();
}

/** Where a partition of an image is, in a file of its own. */
function partition(name: Name, number: number): string {
  return join(folder, `${name}.${number}`);
}

function cutOut(name: Name, { number, first, sectors }: Slice): void {
  const range = [`skip=${first}`, `count=${sectors}`, "bs=512", "conv=sparse", "status=none"];
  judge("dd", `if=${imageOf(name)}`, `of=${partition(name, number)}`, ...range);
}

type Lists = readonly [ReadonlyMap<string, ListedFile>, ReadonlyMap<string, ListedFile>];
let lists: Promise<Lists> | undefined;

/** The files of both images; they are read once. */
function listsOf(t: ExecutionContext): Promise<Lists> {
  return (lists ??= Promise.all([filesOf(t, "mkimage"), filesOf(t, "nixos-install")]));
}

/** Every file of an image, as the system has them mounted. FAT has no owners, modes or links. */
async function filesOf(t: ExecutionContext, name: Name): Promise<Map<string, ListedFile>> {
  const boot = mkdtempSync(join(folder, "boot-"));
  judge("mcopy", "-s", "-n", "-i", partition(name, 1), "::/", boot);
  const inBoot = [...listFiles(boot, "/boot")].map(([path, { type, contents }]): [string, ListedFile] => {
    return [path, { type, ...(contents === undefined ? {} : { contents }) }];
  });
  const root = await mounted(t, partition(name, 2), (place) => listFiles(place));
  return new Map([...root, ...inBoot]);
}

/** The rows of docs/differences.md, each place with each way in which it differs; and those that GRUB has besides. */
function listedDifferences(): [common: RegExp[], ofGrub: RegExp[]] {
  const text = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8");
  const section = text.slice(text.indexOf("# Differences from nixos-install"));
  const start = section.indexOf("## With GRUB");
  return [rowsOf(section.slice(0, start)), rowsOf(section.slice(start))];
}

function rowsOf(table: string): RegExp[] {
  const rows = table.split("\n").flatMap((line) => {
    const [, places = "", what = ""] = line.split("|").map((cell) => cell.trim());
    return [...places.matchAll(/`([^`]+)`/g)].map(([, place = ""]) => ({ place, what }));
  });
  return rows.map(({ place, what }) => {
    const pattern = place
      .replaceAll(/[.+]/g, String.raw`\$&`)
      .replaceAll(/\*+/g, (stars) => (stars === "*" ? "[^/]*" : ".*"));
    return new RegExp(`^${pattern}: ${what}$`);
  });
}

/** Every file of the root filesystem on the first partition of a disk with an MBR. */
async function filesOfRoot(t: ExecutionContext, image: string): Promise<Map<string, ListedFile>> {
  const root = `${image}.root`;
  judge("dd", `if=${image}`, `of=${root}`, "bs=1M", "skip=1", "conv=sparse", "status=none");
  return mounted(t, root, (place) => listFiles(place));
}

/** `mode 555 → 755` of the verb is a `mode` of the list. */
function wordFor(what: string): string {
  const [word = ""] = what.split(" ");
  return { content: "contents", mtime: "time" }[word] ?? word;
}

async function databaseOf(t: ExecutionContext, name: Name): Promise<string[]> {
  const copy = join(folder, `${name}.sqlite`);
  await mounted(t, partition(name, 2), (root) => copyFileSync(join(root, "nix/var/nix/db/db.sqlite"), copy));
  const database = new DatabaseSync(copy);
  const all = (query: string): string[] =>
    database
      .prepare(query)
      .all()
      .map((row) => Object.values(row).join(" "));
  const rows = [
    ...all("select path, hash, narSize from ValidPaths"),
    ...all(
      "select a.path, b.path from Refs join ValidPaths a on a.id = referrer join ValidPaths b on b.id = reference",
    ),
  ];
  database.close();
  return rows.toSorted();
}
