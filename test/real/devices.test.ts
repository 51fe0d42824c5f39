import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

const filesystem = (format: string, label: string, mountpoint: string) => ({
  type: "filesystem",
  format,
  label,
  mountpoint,
});

const twoDisks = {
  system: {
    content: {
      type: "gpt",
      partitions: {
        ESP: { type: "EF00", size: "200M", content: filesystem("vfat", "ESP", "/boot") },
        swap: { size: "64M", content: { type: "swap", label: "swap" } },
        root: { size: "100%", content: filesystem("ext4", "nixos", "/") },
      },
    },
  },
  data: {
    imageName: "data disk",
    imageSize: "32M",
    content: { type: "gpt", partitions: { data: { size: "100%", content: filesystem("ext4", "data", "/srv/data") } } },
  },
};

function treeFile(folder: string, disk: object): string {
  const path = join(folder, "tree.json");
  writeFileSync(path, JSON.stringify({ disko: { devices: { disk } } }));
  return path;
}

test("a device tree of two disks becomes two images, with their own contents, and boots", async (t) => {
  const folder = testFolder(t);
  writeFileSync(join(folder, "hello"), "hello\n");
  const out = join(folder, "out");
  const contents = `source=${join(folder, "hello")},target=/srv/data/hello`;
  const request = ["--devices", treeFile(folder, twoDisks), "--contents", contents, "--out", out];
  const { stdout } = await mkimage(t, ["build", demoSystem("systemd-boot"), ...request]);
  const [system, data] = [join(out, "system.img"), join(out, "data disk.img")];
  t.deepEqual(stdout.trim().split("\n").sort(), [data, system].sort());
  for (const image of [system, data]) t.regex(judge("sgdisk", "-v", image), /No problems found/);
  t.is(reportOf(out).disks.length, 2);
  t.is(judge("debugfs", "-R", "cat /hello", `${data}?offset=${1024 ** 2}`), "hello\n");
  t.regex(judge("blkid", "-p", "-O", String(411_648 * 512), "-o", "export", system), /TYPE=swap/);
  const greeting = await bootDemo(system, "efi");
  t.like(greeting, { root: "/dev/vda3:ext4:nixos", boot: "/dev/vda1:vfat:ESP" });
});

test("what no image can be made of, and keys that are nowhere, are named before anything is built", async (t) => {
  const folder = testFolder(t);
  const luks = (name: string, settings: object, format: string, mountpoint: string) => {
    const content = { type: "luks", name, settings, content: filesystem(format, name, mountpoint) };
    return { size: "500M", content };
  };
  const partitions = {
    asking: luks("asking", {}, "ext4", "/"),
    keyed: luks("keyed", { keyFile: "/tmp/no.key" }, "jfs", "/srv"),
  };
  const tree = treeFile(folder, { main: { content: { type: "gpt", partitions } } });
  const run = await runMkimage(["build", demoSystem("none"), "--devices", tree, "--out", join(folder, "out")]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /partitions\.asking\.content: asks for a password; give it as --secret asking=FILE/);
  t.regex(
    run.stderr,
    /partitions\.keyed\.content: its key \/tmp\/no\.key is not there in a guest; .*--pre-format-files/,
  );
  t.regex(run.stderr, /partitions\.keyed\.content\.content: images are made with ext4, .*and not with jfs/);
  t.false(existsSync(join(folder, "out")));
});

test("sizes are given for all disks, or for one", async (t) => {
  const folder = testFolder(t);
  const request = ["--devices", treeFile(folder, twoDisks), "--image-size", "2G", "--image-size", "data=48M", "--json"];
  const { stdout } = await mkimage(t, ["plan", demoSystem("none"), ...request]);
  const { disks } = JSON.parse(stdout) as { disks: readonly { readonly name: string; readonly size: number }[] };
  t.deepEqual(
    disks.map(({ name, size }) => [name, size / 1024 ** 2]),
    [
      ["system", 2048],
      ["data", 48],
    ],
  );
});

test("a tree may be written in Nix, as a function of its arguments", async (t) => {
  const path = join(testFolder(t), "tree.nix");
  writeFileSync(
    path,
    `{ size ? "40M", ... }: { disko.devices.disk.main.content = {
      type = "gpt";
      partitions.ESP = { inherit size; type = "EF00"; content = { type = "filesystem"; format = "vfat"; mountpoint = "/boot"; }; };
      partitions.root = { size = "100%"; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; }; };
    }; }`,
  );
  const { stdout } = await mkimage(t, ["plan", demoSystem("none"), "--devices", path, "--json"]);
  const { filesystems } = JSON.parse(stdout) as { filesystems: readonly { readonly mountpoint: string }[] };
  t.deepEqual(
    filesystems.map(({ mountpoint }) => mountpoint),
    ["/boot", "/"],
  );
});
