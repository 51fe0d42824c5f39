import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, MiB } from "../../src/base/units.ts";
import { staticBusybox } from "../../src/guest/busybox.ts";
import { type ArchiveEntry, cpioArchive } from "../../src/guest/cpio.ts";
import type { GuestKernel } from "../../src/guest/kernel.ts";
import { readModuleFiles } from "../../src/guest/module-files.ts";
import { librariesOf } from "../../src/guest/toolbox/libraries.ts";
import { bound } from "../../src/runtime/run.ts";
import { judge, type Scope, temporaryFolder } from "./loop-device.ts";
import { freePort } from "../../src/runtime/free-port.ts";

/** A machine that has nothing of ours: busybox, dropbear, and a kernel, with one disk. It starts anew after a panic. */
export interface ForeignMachine {
  /** Behind this port of the loopback is the machine's port 22. */
  readonly port: number;
  readonly folder: string;
  /** The user's private key; `key.pub` is beside it. */
  readonly key: string;
  /** Public ones, which it is known by. */
  readonly hostKeys: readonly string[];
  readonly disk: string;
  /** The output on the serial line. */
  console(): string;
}

interface ForeignOptions {
  readonly kernel: GuestKernel;
  readonly memory: Bytes;
  /** Commands that make its network, where `eth0` is QEMU's own. */
  readonly network: string;
  /** Further arguments of QEMU. */
  readonly devices?: readonly string[];
}

/** Switches such a machine on; it ends with the test. */
export async function foreignMachine(t: Scope, options: ForeignOptions): Promise<ForeignMachine> {
  const folder = temporaryFolder(t);
  const [key, hostKey, initrd, disk, console] = ["key", "host-key", "initrd", "disk", "console"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string];
  for (const path of [key, hostKey]) judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path);
  judge("dropbearconvert", "openssh", "dropbear", hostKey, `${hostKey}.dropbear`);
  writeFileSync(initrd, cpioArchive(await entries(folder, options)));
  writeFileSync(disk, "");
  truncateSync(disk, 64 * MiB);
  const port = await freePort();
  const [file, ...argv] = bound(machineArguments(options, { port, initrd, disk, console })) as [string, ...string[]];
  const qemu = spawn(file, argv, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(qemu, "exit");
  t.teardown(async () => {
    qemu.kill("SIGKILL");
    await ended;
  });
  const hostKeys = [readFileSync(`${hostKey}.pub`, "utf8").split(" ").slice(0, 2).join(" ")];
  return { port, folder, key, hostKeys, disk, console: () => readFileSync(console, "utf8") };
}

interface Place {
  readonly port: number;
  readonly initrd: string;
  readonly disk: string;
  readonly console: string;
}

function machineArguments({ kernel, memory, devices = [] }: ForeignOptions, { port, initrd, disk, console }: Place) {
  return [
    ["qemu-system-x86_64", "-nodefaults", "-M", "q35", "-accel", "tcg,tb-size=32", "-cpu", "max,la57=off"],
    ["-display", "none", "-m", String(memory / MiB), "-serial", `file:${console}`],
    ["-netdev", `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ["-device", "virtio-net-pci,netdev=net,mac=52:54:00:12:34:56", ...devices],
    ["-drive", `if=none,id=disk,format=raw,file=${disk}`, "-device", "virtio-blk-pci,drive=disk,serial=foreign"],
    ["-kernel", kernel.image, "-initrd", initrd, "-append", "console=ttyS0 panic=-1 no_timer_check"],
  ].flat();
}

const init = `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
while read -r module; do insmod "/modules/$module"; done </modules/order
ip link set dev lo up
. /network
dropbear -E -F
`;

async function entries(folder: string, { kernel, network }: ForeignOptions): Promise<ArchiveEntry[]> {
  const dropbear = judge("which", "dropbear").trim();
  const modules = await readModuleFiles(
    kernel,
    ["virtio_pci", "virtio_net", "virtio_blk", "8021q", "bonding", "af_packet"],
    folder,
  );
  const file = (path: string, bytes: string | Uint8Array, mode = 0o644): ArchiveEntry => ({
    path,
    type: "file",
    mode,
    bytes: Buffer.from(bytes),
  });
  return [
    file("init", init, 0o755),
    file("bin/busybox", staticBusybox("x86_64"), 0o755),
    file("bin/dropbear", readFileSync(dropbear), 0o755),
    ...(await librariesOf([dropbear])).map((path) => file(path.slice(1), readFileSync(path), 0o755)),
    ...["dev", "proc", "sys", "run", "tmp"].map((path) => ({ path, type: "directory", mode: 0o755 }) as const),
    file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
    file("etc/group", "root:x:0:\n"),
    file("etc/shells", "/bin/sh\n"),
    file("etc/dropbear/dropbear_ed25519_host_key", readFileSync(join(folder, "host-key.dropbear")), 0o600),
    { path: "root", type: "directory", mode: 0o700 },
    { path: "root/.ssh", type: "directory", mode: 0o700 },
    file("root/.ssh/authorized_keys", readFileSync(join(folder, "key.pub")), 0o600),
    file("network", network),
    ...modules.map(({ name, bytes }) => file(`modules/${name}`, bytes)),
    file("modules/order", modules.map(({ name }) => `${name}\n`).join("")),
  ];
}
