import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

const MiB = 1024 ** 2;

const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });

function treeFile(folder: string, partitions: object, nodev: object): string {
  const path = join(folder, "tree.json");
  const disk = { main: { device: "/dev/vda", content: { type: "gpt", partitions } } };
  writeFileSync(path, JSON.stringify({ disk, nodev }));
  return path;
}

test("a file for a folder that is bind-mounted is in the image of its source", async (t) => {
  const folder = testFolder(t);
  const home = join(folder, "root/home/u");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "hello"), "hello\n");
  const partitions = { a: { size: "64M", content: ext4("/") }, b: { size: "64M", content: ext4("/persist") } };
  const nodev = { "/home": { fsType: "none", device: "/persist/home", mountOptions: ["bind"] } };
  const out = join(folder, "out");
  const devices = treeFile(folder, partitions, nodev);
  await mkimage(t, ["build", "--root", join(folder, "root"), "--devices", devices, "--out", out]);
  const image = join(out, "main.img");
  t.is(judge("debugfs", "-R", "cat /home/u/hello", `${image}?offset=${65 * MiB}`), "hello\n");
  t.notRegex(judge("debugfs", "-R", "ls -p /home", `${image}?offset=${MiB}`), /hello|\/u\//);
});

test("with the root in memory, space is free where the store is; what would be lost is named, or refused", async (t) => {
  const folder = testFolder(t);
  const fat = { type: "filesystem", format: "vfat", mountpoint: "/boot" };
  const partitions = {
    ESP: { type: "EF00", size: "120M", content: fat },
    nix: { size: "100%", content: ext4("/nix") },
  };
  const devices = treeFile(folder, partitions, { "/": { fsType: "tmpfs" } });
  const out = join(folder, "out");
  const request = ["build", demoSystem("systemd-boot"), "--devices", devices, "--out", out];
  const { stderr } = await mkimage(t, [...request, "--additional-space", "300M"]);
  t.regex(stderr, /not in the image, since \/ is a mount of tmpfs: \/etc\/NIXOS\n/);
  const store = reportOf(out).filesystems.find(({ mountpoint }) => mountpoint === "/nix");
  t.true(store !== undefined && store.freeBytes >= 300 * MiB && store.freeBytes < 305 * MiB, `${store?.freeBytes}`);
  writeFileSync(join(folder, "hosts"), "");
  const contents = `source=${join(folder, "hosts")},target=/etc/hosts`;
  const refused = await runMkimage([...request, "--force", "--contents", contents]);
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /\n {2}\/etc\/hosts: \/ is a mount of tmpfs\n/);
});

test("a system that its own fstab would not lead to the root of the tree is noted, and found by verify", async (t) => {
  const folder = testFolder(t);
  const fat = { type: "filesystem", format: "vfat", mountpoint: "/boot" };
  const partitions = (label: string | null) => ({
    ESP: { type: "EF00", size: "120M", content: fat },
    root: { size: "100%", content: { ...ext4("/"), label } },
  });
  const out = join(folder, "out");
  const build = ["build", demoSystem("systemd-boot"), "--devices"];
  const { stderr } = await mkimage(t, [...build, treeFile(folder, partitions(null), {}), "--out", out]);
  t.regex(stderr, /note: the system looks for \/ at \/dev\/disk\/by-label\/nixos, where the disks have nothing/);
  const verified = await runMkimage(["verify", join(out, "main.img")]);
  t.is(verified.exitCode, 16);
  t.regex(verified.stdout, /FAILED +fstab +the system does not find its root filesystem\n +it looks for \/ at /);
  const fitting = await mkimage(t, [...build, treeFile(folder, partitions("nixos"), {}), "--out", out, "--force"]);
  t.notRegex(fitting.stderr, /looks for/);
  t.is((await mkimage(t, ["verify", join(out, "main.img")])).exitCode, 0);
});
