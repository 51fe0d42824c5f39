import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { judge } from "./loop-device.ts";

/** A system of `fixtures/target`. */
export type TargetSystem = "debian" | "busybox";

/** How the target reaches its network: QEMU's own, where it is 10.0.2.15, and its gateway 10.0.2.2. */
export type TargetNetwork = "dhcp" | "on-link" | "vlan";

/** The user that a test is on the target. `admin` may do everything by `sudo` without a password, and then root may not log in. */
export type TargetUser = "root" | "admin";

interface Given {
  /** The folder of the keys. */
  readonly keys: string;
  readonly system: TargetSystem;
  readonly user: TargetUser;
  readonly network: TargetNetwork;
  /** A folder with further files for the root of the target; theirs is the last word. */
  readonly files?: string;
}

/** The VLAN of targets whose network is one. */
export const targetVlan = 7;

/** Files that replace DHCP: `on-link` is alone with its address, and its gateway in no network of its own. */
const settings: Readonly<
  Record<Exclude<TargetNetwork, "dhcp">, Readonly<Record<TargetSystem, Readonly<Record<string, string>>>>>
> = {
  "on-link": {
    debian: {
      "etc/systemd/network/10-lan.network":
        "[Match]\nName=en* eth*\n[Network]\nAddress=10.0.2.15/32\n[Route]\nGateway=10.0.2.2\nGatewayOnLink=yes\n",
    },
    busybox: {
      "etc/network/interfaces": `auto eth0
iface eth0 inet static
  address 10.0.2.15
  netmask 255.255.255.255
  up ip route add 10.0.2.2 dev eth0
  up ip route add default via 10.0.2.2 dev eth0
`,
    },
  },
  vlan: {
    debian: {
      "etc/systemd/network/10-lan.network": "[Match]\nName=en* eth*\n[Network]\nVLAN=office\n",
      "etc/systemd/network/20-office.netdev": `[NetDev]\nName=office\nKind=vlan\n[VLAN]\nId=${targetVlan}\n`,
      "etc/systemd/network/20-office.network":
        "[Match]\nName=office\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n",
    },
    busybox: {
      "etc/network/interfaces": `auto eth0.${targetVlan}
iface eth0.${targetVlan} inet static
  pre-up ip link set eth0 up
  pre-up vconfig add eth0 ${targetVlan}
  address 10.0.2.15
  netmask 255.255.255.0
  gateway 10.0.2.2
`,
    },
  },
};

/** Makes the keys of a test and of its machine: `key` and `host-key`, with `.pub` beside each. */
export function makeKeys(folder: string): void {
  for (const name of ["key", "host-key"]) {
    judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name));
  }
}

/** Makes `files.tar`, which a target unpacks into its root when it starts. */
export function makeTargetFiles(folder: string, { keys, system, user, network, files }: Given): void {
  const tree = join(folder, "files");
  const home = user === "root" ? "root" : `home/${user}`;
  copy(join(keys, "key.pub"), join(tree, home, ".ssh/authorized_keys"));
  chmodSync(join(tree, home), 0o700);
  if (user !== "root") write(join(tree, "etc/ssh/sshd_config.d/users.conf"), "PermitRootLogin no\n");
  giveHostKey(system, join(keys, "host-key"), tree);
  const texts = network === "dhcp" ? {} : settings[network][system];
  for (const [path, text] of Object.entries(texts)) write(join(tree, path), text);
  if (files !== undefined) cpSync(files, tree, { recursive: true });
  judge("tar", "-C", tree, "--owner=0", "--group=0", "-cf", join(folder, "files.tar"), ".");
  rmSync(tree, { recursive: true });
}

function giveHostKey(system: TargetSystem, key: string, tree: string): void {
  if (system === "debian") {
    copy(key, join(tree, "etc/ssh/ssh_host_ed25519_key"));
    copy(`${key}.pub`, join(tree, "etc/ssh/ssh_host_ed25519_key.pub"));
    return;
  }
  const own = join(tree, "etc/dropbear/dropbear_ed25519_host_key");
  mkdirSync(dirname(own), { recursive: true });
  judge("dropbearconvert", "openssh", "dropbear", key, own);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
