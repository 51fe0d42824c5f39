import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "ava";
import { mounted } from "./ext4-mount.ts";
import { demoSystem, judge, mkimage, type Report, reportOf, testFolder } from "./mkimage.ts";
import { useOfflineNix } from "../nix/nix.ts";

useOfflineNix();

const toplevel = demoSystem("systemd-boot");
const hostileNames = [
  "with space",
  `'single' and "double"`,
  "new\nline",
  "-rf",
  "grüße 世界",
  "$(touch x)`touch y`",
  "*",
];

/** Files of a user, some of whose names want to be more than names. */
function makeSources(folder: string): void {
  for (const path of ["plain", "hostile", "dotted/.hidden", "dotted/sub", "loader"])
    mkdirSync(join(folder, path), { recursive: true });
  for (const name of [
    "plain/a",
    "plain/b",
    "dotted/visible",
    "dotted/.rc",
    "dotted/.hidden/deep",
    "loader/extra.conf",
  ]) {
    writeFileSync(join(folder, name), `this is ${name}\n`);
    chmodSync(join(folder, name), 0o640);
  }
  for (const name of hostileNames) writeFileSync(join(folder, "hostile", name), name);
  symlinkSync("../nowhere", join(folder, "dotted/sub/link"));
  writeFileSync(join(folder, "configuration.nix"), "{ }\n");
}

function contentsOf(folder: string): object[] {
  return [
    { source: `${folder}/plain/a`, target: "/etc/secret", mode: "0600", user: "1234", group: "567" },
    { source: `${folder}/plain`, target: "/srv/plain", mode: "0711" },
    { source: `${folder}/dotted/*`, target: "/srv/dotted" },
    { source: `${folder}/hostile`, target: "/srv/hostile" },
    { source: `${folder}/hostile/grüße 世界`, target: `/srv/grüße 世界 'and' "quotes"\nand a line` },
    { source: `${folder}/loader/extra.conf`, target: "/boot/loader/entries/extra.conf" },
  ];
}

const named = (folder: string) => [
  { source: `${folder}/plain`, target: "/home/alice/files", user: "alice", group: "users" },
  { source: `${folder}/hostile/with space`, target: "/home/alice/-it's mine\n", user: "alice", group: "users" },
];

for (const engine of ["host", "guest"] as const) {
  test(`contents, configuration and channel are in the image when its bootloader comes from the ${engine}`, async (t) => {
    const folder = testFolder(t);
    const out = join(folder, "out");
    makeSources(folder);
    const contents = [...contentsOf(folder), ...(engine === "guest" ? named(folder) : [])];
    const config = join(folder, "config.json");
    const request = {
      partition: "efi",
      contents,
      configFile: join(folder, "configuration.nix"),
      channel: toplevel,
      accel: "tcg",
    };
    writeFileSync(config, JSON.stringify({ ...request, additionalSpace: "16M" }));
    await mkimage(t, ["build", toplevel, "--config", config, "--out", out]);
    t.is(reportOf(out).bootloader.engine, engine);
    const image = join(out, "nixos.img");
    t.is(
      judge("mtype", "-i", `${image}@@${startOf(out, 0)}`, "::/loader/entries/extra.conf"),
      "this is loader/extra.conf\n",
    );
    const root = join(folder, "root");
    judge(
      "dd",
      `if=${image}`,
      `of=${root}`,
      "bs=1M",
      "iflag=skip_bytes",
      "conv=sparse",
      "status=none",
      `skip=${startOf(out, 1)}`,
    );
    judge("e2fsck", "-fn", root);
    await mounted(t, root, (mount) => {
      const at = (path: string) => join(mount, path);
      const state = (path: string) => {
        const { mode, uid, gid } = lstatSync(at(path));
        return [(mode & 0o7777).toString(8), uid, gid];
      };
      t.deepEqual(state("etc/secret"), ["600", 1234, 567]);
      t.deepEqual(state("srv/plain"), ["711", 0, 0]);
      t.deepEqual(state("srv/plain/b"), ["640", 0, 0]);
      t.is(readFileSync(at("srv/plain/b"), "utf8"), "this is plain/b\n");
      t.deepEqual(readdirSync(at("srv/dotted")).sort(), [".hidden", ".rc", "sub", "visible"]);
      t.is(readlinkSync(at("srv/dotted/sub/link")), "../nowhere");
      t.deepEqual(readdirSync(at("srv/hostile")).sort(), hostileNames.toSorted());
      for (const name of hostileNames) t.is(readFileSync(at(`srv/hostile/${name}`), "utf8"), name);
      t.is(readFileSync(at(`srv/grüße 世界 'and' "quotes"\nand a line`), "utf8"), "grüße 世界");
      t.is(readFileSync(at("etc/nixos/configuration.nix"), "utf8"), "{ }\n");
      t.is(readlinkSync(at("nix/var/nix/profiles/per-user/root/channels-1-link")), toplevel);
      t.is(readlinkSync(at("root/.nix-defexpr/channels")), "/nix/var/nix/profiles/per-user/root/channels");
      if (engine === "host") return;
      const [, alice, users] = state("home/alice/files");
      t.deepEqual([state("home/alice/files/a"), users], [["640", alice, 100], 100]);
      t.regex(readFileSync(at("var/lib/nixos/uid-map"), "utf8"), new RegExp(`"alice":\\s*${alice}`));
      t.deepEqual(state("home/alice/-it's mine\n").slice(1), [alice, 100]);
    });
    verifyStore(folder, root);
    t.pass();
  });
}

test("what the post hook makes of the image is what the products name", async (t) => {
  const out = join(testFolder(t), "an output with spaces");
  const hook = `mv "$diskImage" "$out/web server.img"; echo notes >"$out/notes.txt"`;
  const request = [demoSystem("none"), "--partition", "none", "--checksum", "--post-vm", hook, "--out", out];
  const run = await mkimage(t, ["build", ...request]);
  t.is(run.stdout, `${out}/web server.img\n`);
  t.is(
    readFileSync(join(out, "nix-support/hydra-build-products"), "utf8"),
    `file other "${out}/notes.txt"\nfile raw-image "${out}/web server.img"\n`,
  );
  const { files } = reportOf(out);
  t.deepEqual(
    files.map(({ name }) => name),
    ["notes.txt", "web server.img"],
  );
  t.is(files[1]?.sha256, judge("sha256sum", join(out, "web server.img")).slice(0, 64));
});

/** Where a partition begins, in bytes. */
function startOf(out: string, index: number): number {
  const report: Report = reportOf(out);
  return (report.disks[0]?.table?.partitions[index]?.first ?? Number.NaN) * 512;
}

/** Nix itself looks at every file of the store in a root filesystem. */
function verifyStore(folder: string, image: string): void {
  const script = `mkdir "$1/store"; mount -o loop "$2" "$1/store"; nix-store --store "$1/store" --verify --check-contents`;
  judge("unshare", "--mount", "--propagation", "private", "sh", "-euc", script, "sh", folder, image);
}
