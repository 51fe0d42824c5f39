import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readAliases } from "../../../src/deploy/drivers/device-aliases.ts";
import { makeRescueSystem } from "../../../src/deploy/rescue/rescue-system.ts";
import { ownArchitecture } from "../../../src/guest/architecture.ts";
import { chooseKernel } from "../../../src/guest/kernel.ts";
import { librariesOf } from "../../../src/guest/toolbox/libraries.ts";
import { findTool } from "../../../src/runtime/tools.ts";
import { temporaryFolder } from "../../image/folder.ts";
import { facts, link, rented, route } from "./networks.ts";

/** A kernel with two modules, of which one names firmware. */
function kernelIn(folder: string) {
  const modules = join(folder, "lib/modules/6.12.3");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(folder, "bzImage"), "kernel");
  const files = {
    "modules.dep": "acme.ko: \nother.ko: \n",
    "modules.builtin": "kernel/virtio_pci.ko\nkernel/virtio_blk.ko\n",
    "acme.ko": "\x7fELF\0license=GPL\0firmware=acme/one.bin\0firmware=acme/two.bin\0firmware=../../shadow\0",
    "other.ko": "\x7fELF\0",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(modules, name), text, "latin1");
  mkdirSync(join(folder, "firmware/acme"), { recursive: true });
  writeFileSync(join(folder, "firmware/acme/one.bin.xz"), "packed");
  writeFileSync(join(folder, "shadow"), "secret");
  return chooseKernel({ vmKernel: folder, needs: [] });
}

async function make(t: ExecutionContext, network = rented, watchdogs: readonly string[] = []) {
  const folder = temporaryFolder(t);
  const system = await makeRescueSystem({
    architecture: ownArchitecture(),
    kernel: kernelIn(folder),
    aliases: readAliases("alias pci:v0000ACMEd* acme"),
    parameters: [],
    firmware: join(folder, "firmware"),
    target: {
      hostname: "old",
      network,
      hardware: [
        {
          path: "/sys/devices/a",
          modalias: "pci:v0000ACMEd1",
          driver: "x",
          module: "x",
          disks: ["sda"],
          links: [],
          watchdogs,
        },
      ],
    },
    modules: [],
    programs: { tools: ["efibootmgr"] },
    marker: { version: "1.2.3", deployment: "ours", disks: [] },
    hostKeys: [{ name: "ssh_host_ed25519_key", bytes: Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----\n") }],
    authorizedKeys: ["ssh-ed25519 AAAA me"],
    port: 22,
  });
  return { ...system, folder };
}

/** Unpacks an initrd with other people's programs. */
function unpack(t: ExecutionContext, initrd: Buffer): string {
  const folder = temporaryFolder(t);
  const input = execFileSync("zstd", ["-dc"], { input: initrd, maxBuffer: 2 ** 30 });
  execFileSync(findTool("busybox"), ["cpio", "-i", "-d", "-u"], {
    cwd: folder,
    input,
    stdio: ["pipe", "ignore", "ignore"],
  });
  return folder;
}

test("the initrd has the server's keys, the network, the drivers with their firmware, and the tools with their libraries", async (t) => {
  const { initrd, undriven } = await make(t);
  const root = unpack(t, initrd);
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  t.is(readlinkSync(join(root, "init")), "vm/rescue");
  t.is(read("lib/modules/order"), "acme.ko\n");
  t.is(read("lib/firmware/acme/one.bin.xz"), "packed");
  t.is(lstatSync(join(root, "lib/firmware/../../shadow"), { throwIfNoEntry: false }), undefined);
  t.is(read("etc/mkimage-rescue"), "version 1.2.3\ndeployment ours\n");
  t.is(read("etc/hostname"), "old\n");
  t.regex(read("etc/mkimage-network"), /default via 172\.31\.1\.1 dev eth0 onlink/);
  t.regex(read("etc/resolv.conf"), /^nameserver 185\.12\.64\.1$/m);
  t.regex(read("root/.ssh/authorized_keys"), /AAAA me/);
  t.is(lstatSync(join(root, "etc/ssh/ssh_host_ed25519_key")).mode & 0o777, 0o600);
  t.deepEqual(undriven, []);
  for (const tool of ["sshd", "bash", "wipefs", "cmp", "dd", "sha256sum", "zstd", "flock", "efibootmgr"]) {
    const entry = join(root, "toolbox/bin", tool);
    t.true(lstatSync(join(entry, "..", readlinkSync(entry))).isFile(), tool);
  }
  for (const library of await librariesOf([findTool("wipefs"), findTool("sshd")]))
    t.true(existsSync(join(root, "toolbox/root", realpathSync(library))), library);
});

test("who is to feed watchdogs is told", async (t) => {
  const isTold = async (...dogs: readonly string[]) => {
    const { initrd } = await make(t, rented, dogs);
    return existsSync(join(unpack(t, initrd), "etc/mkimage-watchdogs"));
  };
  t.true(await isTold("watchdog0"));
  t.false(await isTold());
});

test("the program that busybox has a lesser one of comes along where the network takes it", async (t) => {
  const { initrd } = await make(t, facts([link("eth0")], [route({ gateway: "fe80::1" })]));
  t.true(lstatSync(join(unpack(t, initrd), "toolbox/bin/ip")).isSymbolicLink());
});
