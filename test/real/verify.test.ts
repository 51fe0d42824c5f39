import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { tool } from "../inspect/images.ts";
import { demoSystem, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";
import { blank, damage, extlinuxImage, genimageImage, partedImage, sundryImage } from "./verify-images.ts";

interface Checked {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

async function verify(...arguments_: readonly string[]): Promise<Checked> {
  const { exitCode, stdout, stderr } = await runMkimage(["verify", ...arguments_]);
  return { exitCode, lines: stdout.trimEnd().split("\n"), stderr };
}

/** The outcome of each check by what was checked. */
function outcomes({ lines }: Checked): Record<string, string> {
  const found = lines.flatMap((line) =>
    [/^(ok|FAILED|-|\?) +(\S+(?: \S+)?) {2}/.exec(line)].filter((each) => each !== null),
  );
  return Object.fromEntries(found.map(([, outcome = "", subject = ""]) => [subject, outcome]));
}

async function efiImage(t: ExecutionContext, ...more: readonly string[]): Promise<string> {
  const out = join(testFolder(t), "out");
  await mkimage(t, [
    "build",
    demoSystem("systemd-boot"),
    "--partition",
    "efi",
    "--out",
    out,
    "--additional-space",
    "16M",
    ...more,
  ]);
  return join(out, reportOf(out).files.find(({ name }) => name.startsWith("nixos."))?.name ?? "");
}

test.serial("an image of ours passes every check, and boots", async (t) => {
  const image = await efiImage(t, "--format", "qcow2");
  const before = tool("sha256sum", image);
  const checked = await verify(image, "--expect", "^mkimage-demo: booted .* firmware=efi", "--accel", "tcg");
  t.is(checked.exitCode, 0, checked.lines.join("\n") + checked.stderr);
  t.deepEqual(outcomes(checked), {
    format: "ok",
    table: "ok",
    "partition 1": "ok",
    "partition 2": "ok",
    store: "ok",
    "boot files": "ok",
    report: "ok",
    boot: "ok",
  });
  t.is(tool("sha256sum", image), before, "nothing was written");
});

test.serial("a boot that does not say what was expected fails by its deadline", async (t) => {
  const checked = await verify(await efiImage(t), "--expect", "never said", "--deadline", "5", "--accel", "tcg");
  t.is(checked.exitCode, 16);
  t.is(outcomes(checked)["boot"], "FAILED");
  t.regex(checked.lines.join("\n"), /did not end within 5 s, waiting for \/never said\//);
});

test.serial("damage is found where it is", async (t) => {
  const image = await efiImage(t);
  const copy = join(testFolder(t), "damaged.img");
  const { size } = statSync(image);
  const root = (reportOf(join(image, "..")).disks[0]?.table?.partitions ?? []).find(({ number }) => number === 2);
  const at = (root?.first ?? 0) * 512;
  const debugfs = (command: string) => tool("debugfs", "-w", "-R", command, `${copy}?offset=${at}`);
  const store = tool("debugfs", "-R", "ls -p /nix/store", `${image}?offset=${at}`);
  const library = /[0-9a-z]{32}-libssl3[^/]*/.exec(store)?.[0] ?? "";
  const kernel =
    tool("mdir", "-b", "-i", `${image}@@8M`, "::/EFI/nixos")
      .split("\n")
      .find((line) => line.includes("bzImage")) ?? "";
  const cases: readonly [what: string, subject: string, hurt: () => void, says: RegExp][] = [
    ["the backup GPT", "table", () => damage(copy, size - 512, 512), /backup table: .*holds no header/],
    ["the GPT's entries", "table", () => damage(copy, 1024 + 40, 1), /entries: checksum/],
    ["an inode table", "partition 2", () => debugfs("set_inode_field /etc i_links_count 9"), /e2fsck failed/],
    [
      "a FAT",
      "partition 1",
      () => damage(copy, 8 * MiB + reservedSectors(image, 8 * MiB) * 512, 64),
      /fsck\.vfat|has faults|cannot be read/,
    ],
    [
      "a kernel",
      "boot files",
      () => tool("mdel", "-i", `${copy}@@8M`, kernel),
      /names files that are not there: \/EFI\/nixos/,
    ],
    [
      "the root's superblock",
      "boot files",
      () => blank(copy, at + 1024, 1024),
      /system-demo.* no filesystem was found in partition 2/,
    ],
    [
      "the ESP's first sector",
      "partition 1",
      () => blank(copy, 8 * MiB, 512),
      /EFI system partition that is not empty/,
    ],
    ["the last third", "table", () => truncateSync(copy, Math.floor(size / 3)), /ends in sector/],
  ];
  for (const [what, subject, hurt, says] of cases) {
    copyFileSync(image, copy);
    hurt();
    const checked = await verify(copy);
    t.is(checked.exitCode, 16, `${what}: ${checked.stderr}`);
    t.is(outcomes(checked)[subject], "FAILED", `${what}:\n${checked.lines.join("\n")}`);
    t.regex(checked.lines.join("\n"), says, what);
  }
  copyFileSync(image, copy);
  debugfs(`ln /nix/store/${library} /nix/renamed`);
  debugfs(`unlink /nix/store/${library}`);
  const checked = await verify(copy);
  t.is(outcomes(checked)["store"], "FAILED", checked.lines.join("\n"));
  t.true(checked.lines.some((line) => line.includes(`/nix/store/${library} is registered and not there`)));
});

test.serial("a disk that parted and mkfs made", async (t) => {
  const checked = await verify(partedImage(testFolder(t)));
  t.is(checked.exitCode, 0, checked.lines.join("\n"));
  t.deepEqual(outcomes(checked), {
    format: "ok",
    table: "ok",
    "partition 1": "ok",
    "partition 5": "ok",
    "partition 6": "ok",
    store: "-",
    "boot files": "-",
  });
});

test.serial("a disk that genimage made", async (t) => {
  const checked = await verify(genimageImage(testFolder(t)));
  t.is(checked.exitCode, 0, checked.lines.join("\n") + checked.stderr);
  t.deepEqual(outcomes(checked), {
    format: "ok",
    table: "ok",
    "partition 1": "ok",
    "partition 2": "ok",
    store: "-",
    "boot files": "ok",
  });
});

test.serial("a disk that extlinux boots", async (t) => {
  const image = extlinuxImage(testFolder(t), join(demoSystem("none"), "kernel"));
  const checked = await verify(image, "--expect", "Linux version", "--accel", "tcg");
  t.is(checked.exitCode, 0, checked.lines.join("\n") + checked.stderr);
  t.deepEqual(outcomes(checked), {
    format: "ok",
    table: "ok",
    "partition 1": "ok",
    store: "-",
    "boot files": "ok",
    boot: "ok",
  });
  t.regex(checked.lines.join("\n"), /then syslinux of partition 1/);
  blank(image, MiB + 1024, 1024);
  const wiped = await verify(image);
  t.is(wiped.exitCode, 16);
  t.regex(wiped.lines.join("\n"), /FAILED +boot files/);
  t.regex(wiped.lines.join("\n"), /the menu of .* is nowhere; no filesystem was found in partition 1/);
});

test.serial("the report beside an image says what has to be in it", async (t) => {
  const out = join(testFolder(t), "out");
  await mkimage(t, [
    "build",
    "--root",
    join(import.meta.dirname, "../../fixtures/system"),
    "--partition",
    "none",
    "--out",
    out,
  ]);
  const image = join(out, "nixos.img");
  const report = join(out, "image.json");
  const build = JSON.parse(readFileSync(report, "utf8")) as { readonly disks: readonly object[] };
  t.is(outcomes(await verify(image))["report"], "ok");
  blank(image, 1024, 1024);
  const checked = await verify(image);
  t.is(checked.exitCode, 16);
  t.regex(checked.lines.join("\n"), /disk should hold a filesystem with the UUID f222513b-.*, and has none/);
  // As of a disk that a script has partitioned, of which only tools know what is on it.
  const [disk, ...others] = build.disks;
  writeFileSync(report, JSON.stringify({ ...build, disks: [{ ...disk, content: null }, ...others] }));
  t.is(outcomes(await verify(image))["report"], undefined);
  rmSync(report);
  const alone = await verify(image);
  t.is(alone.exitCode, 16, "without a report the filesystem's copies of its superblock tell");
  t.regex(alone.lines.join("\n"), /an ext filesystem without its superblock, of which byte \d+ has a copy/);
});

test.serial(
  "partitions without a filesystem are no fault, and noise in one for a filesystem is not understood",
  async (t) => {
    const checked = await verify(sundryImage(testFolder(t)));
    t.is(checked.exitCode, 18, checked.lines.join("\n") + checked.stderr);
    t.deepEqual(outcomes(checked), {
      format: "ok",
      table: "ok",
      "partition 1": "-",
      "partition 2": "-",
      "partition 3": "ok",
      "partition 4": "-",
      "partition 5": "-",
      "partition 6": "?",
      "partition 7": "-",
      store: "-",
      "boot files": "ok",
    });
    t.regex(checked.lines.join("\n"), /root=UUID=.* was not looked for in partition 5 \(crypto_LUKS\)/);
  },
);

test.serial("what is no image is refused", async (t) => {
  const checked = await verify("/nonexistent/disk.img");
  t.is(checked.exitCode, 2);
  t.regex(checked.stderr, /there is no image/);
});

/** How many sectors stand before the first table of a FAT filesystem. */
function reservedSectors(image: string, offset: number): number {
  const field = Buffer.alloc(2);
  const file = openSync(image, "r");
  readSync(file, field, 0, field.length, offset + 14);
  closeSync(file);
  return field.readUInt16LE(0);
}
