import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { askFacts } from "../../src/deploy/facts/ask-facts.ts";
import { factsJson } from "../../src/deploy/facts/facts-json.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { connect } from "../../src/remote/connection.ts";
import { fewApplets, localConnection } from "../remote/local-connection.ts";
import { judge, temporaryFolder } from "./loop-device.ts";
import { sshMachine } from "./ssh-machine.ts";

/** The facts that do not change from one second to the next. */
function lasting(facts: TargetFacts): unknown {
  const { memory, tools: _, processor, ...rest } = facts;
  return { ...factsJson({ ...facts, ...rest }), memory: memory.total, tools: [], processor: processor.vendor };
}

const applets = [...fewApplets, "uname", "ip"];

test.serial("dash, bash and busybox, and busybox with few applets, say the same of this machine", async (t) => {
  const reference = await askFacts(localConnection(t, { shell: ["/bin/dash"] }));
  for (const [shell, programs] of [
    [["/bin/bash"], {}],
    [["/usr/bin/busybox", "sh"], {}],
    [["/usr/bin/busybox", "sh"], { applets }],
    [["/bin/dash"], { applets }],
  ] as const) {
    const facts = await askFacts(localConnection(t, { shell, ...programs }));
    t.deepEqual(lasting(facts), lasting(reference), shell.join(" "));
  }
});

test.serial("what this machine says is what its own programs say", async (t) => {
  const facts = await askFacts(localConnection(t));
  t.is(facts.release, judge("uname", "-r").trim());
  t.is(facts.hostname, judge("uname", "-n").trim());
  const memory = /^Mem:\s+(\d+)/m.exec(judge("free", "--bytes"))?.[1];
  t.is(facts.memory.total, Number(memory));
  t.is(facts.boot, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  t.is(facts.firmware, existsSync("/sys/firmware/efi") ? "efi" : "bios");
  const { blockdevices } = JSON.parse(
    judge("lsblk", "--json", "--bytes", "--nodeps", "--output", "NAME,SIZE,TYPE"),
  ) as {
    blockdevices: { name: string; size: number; type: string }[];
  };
  t.deepEqual(
    facts.disks.map(({ name, size }) => ({ name, size })),
    blockdevices
      .filter(({ name, type }) => type === "disk" && !name.startsWith("zram"))
      .map(({ name, size }) => ({ name, size })),
  );
  for (const { name } of facts.disks) t.true(facts.hardware.some(({ disks }) => disks.includes(name)));
  const addresses = JSON.parse(judge("ip", "-json", "addr")) as {
    ifname: string;
    addr_info: { local: string; scope: string }[];
  }[];
  for (const { name, addresses: found } of facts.network.links) {
    const own = addresses.find(({ ifname }) => ifname === name)?.addr_info ?? [];
    t.deepEqual(
      found.map(({ address }) => address),
      own.filter(({ local }) => !local.startsWith("fe80:")).map(({ local }) => local),
    );
  }
});

/** A shell in a network of its own, which commands make. */
function network(commands: string): string[] {
  // The programs that make it are this machine's, those that tell of it may be others.
  const ours = "told=$PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  const setup = `set -e\n${ours}\nmount -t sysfs sysfs /sys\nip link set lo up\n${commands}\nPATH=$told exec "$@"`;
  return ["/usr/bin/unshare", "--net", "--mount", "/bin/sh", "-c", setup, "sh", "/bin/sh"];
}

const pair = `ip link add eth0 address 52:54:00:12:34:56 type veth peer name far
ip link set far up
ip link set eth0 up`;

const networks = {
  "an on-link gateway": {
    commands: `${pair}
ip addr add 203.0.113.7/32 dev eth0
ip route add default via 172.31.1.1 dev eth0 onlink
ip addr add 10.1.1.5/24 dev eth0 valid_lft 600 preferred_lft 600
ip route add 10.7.0.0/16 via 10.1.1.1 src 10.1.1.5 metric 50
ip route add blackhole 10.66.0.0/16`,
    addresses: ["203.0.113.7/32", "10.1.1.5/24 lent"],
    routes: ["default via 172.31.1.1 on link", "10.7.0.0/16 via 10.1.1.1"],
  },
  "IPv6 alone": {
    commands: `${pair}
ip -6 addr add 2001:db8::7/64 dev eth0 nodad
ip -6 route add default via fe80::1 dev eth0
ip -6 route add 2001:db8:7::/48 via 2001:db8::1`,
    addresses: ["2001:db8::7/64"],
    routes: ["2001:db8:7::/48 via 2001:db8::1", "default via fe80::1"],
  },
  "a peer": {
    commands: `${pair}
ip addr add 203.0.113.9 peer 203.0.113.1/32 dev eth0
ip route add default via 203.0.113.1`,
    addresses: ["203.0.113.9/32"],
    routes: ["default via 203.0.113.1 on link"],
  },
} as const;

async function factsIn(t: ExecutionContext, commands: string, programs: { applets?: readonly string[] }) {
  const { network: found } = await askFacts(localConnection(t, { shell: network(commands), ...programs }));
  const eth0 = found.links.find(({ name }) => name === "eth0");
  return {
    mac: eth0?.mac,
    addresses: eth0?.addresses.map(({ address, prefix, isLent }) => `${address}/${prefix}${isLent ? " lent" : ""}`),
    routes: found.routes.map(({ destination, gateway, isOnLink }) =>
      [destination, ...(gateway === undefined ? [] : ["via", gateway]), ...(isOnLink ? ["on link"] : [])].join(" "),
    ),
    links: found.links.map(({ name, kind }) => [name, kind]),
  };
}

for (const [name, { commands, addresses, routes }] of Object.entries(networks)) {
  for (const [whose, programs] of Object.entries({ iproute2: {}, busybox: { applets } })) {
    test.serial(`${name} is told by the ip of ${whose}`, async (t) => {
      const found = await factsIn(t, commands, programs);
      t.is(found.mac, "52:54:00:12:34:56");
      t.deepEqual(found.addresses, [...addresses]);
      t.deepEqual(
        found.routes.filter((route) => !route.endsWith("/32")),
        [...routes],
      );
    });
  }
}

test.serial("a bridge has its members", async (t) => {
  const commands = `${pair}\nip link add br0 type bridge\nip link set eth0 master br0`;
  const { links } = await factsIn(t, commands, { applets });
  t.deepEqual(new Map(links as never).get("br0"), { type: "bridge", members: ["eth0"] });
});

test.serial("a machine that is reached over SSH says everything, its keys among it", async (t) => {
  const machine = await sshMachine(t);
  await using connection = await connect(
    { destination: "root@127.0.0.1", port: machine.port },
    { options: [`UserKnownHostsFile=${machine.knownHosts}`, "BatchMode=yes"], identity: join(machine.folder, "key") },
  );
  const facts = await askFacts(connection);
  t.is(facts.kernel, "Linux");
  t.deepEqual(facts.authorizedKeys, [readFileSync(join(machine.folder, "key.pub"), "utf8").trim()]);
  t.is(facts.disks[0]?.machine, "root@127.0.0.1");
  t.is(facts.sshPort, machine.port);
});

test.serial("who becomes root by sudo is let in by the keys that let this user in", async (t) => {
  const sudoers = "Defaults use_pty\nworker ALL=(ALL) NOPASSWD: ALL";
  const machine = await sshMachine(t, { user: "worker", shell: "/bin/sh", sudoers });
  await using connection = await connect(
    { destination: "worker@127.0.0.1", port: machine.port },
    { options: [`UserKnownHostsFile=${machine.knownHosts}`, "BatchMode=yes"], identity: join(machine.folder, "key") },
  );
  const facts = await askFacts(connection);
  t.deepEqual(facts.authorizedKeys, [readFileSync(join(machine.folder, "key.pub"), "utf8").trim()]);
  t.true(facts.kexec.isPermitted);
  t.is(facts.sshPort, machine.port);
});

/** A shell that sees files of its own in place of some folders of this machine; `-> target` is a link. */
function overlaid(t: ExecutionContext, files: Readonly<Record<string, string>>): string[] {
  const folder = temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    if (text.startsWith("-> ")) symlinkSync(text.slice(3), join(folder, path));
    else writeFileSync(join(folder, path), text, { mode: 0o600 });
  }
  const tops = [...new Set(Object.keys(files).map((path) => path.split("/").slice(0, 2).join("/")))];
  const binds = tops.map((top) => `mkdir -p /${top}; mount --bind "$folder/${top}" /${top}`);
  const script = ["folder=$1; shift", "mount -t tmpfs tmpfs /srv", ...binds, 'exec "$@"'].join("\n");
  return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", folder, "/bin/sh"];
}

const subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0";
const [first, second] = ["sys/devices/pci0000:00/0000:00:04.0", "sys/devices/pci0000:00/0000:00:05.0"];

/** A disk of NVMe that two controllers lead to, on a machine with Secure Boot. */
const serverFiles = {
  [`${subsystem}/nvme0n1/dev`]: "259:1\n",
  [`${subsystem}/nvme0n1/size`]: "8388608\n",
  [`${subsystem}/nvme0n1/queue/logical_block_size`]: "4096\n",
  [`${subsystem}/nvme0n1/device`]: "-> ../../nvme-subsys0",
  [`${subsystem}/nvme0`]: "-> ../../../pci0000:00/0000:00:04.0/nvme/nvme0",
  [`${subsystem}/nvme1`]: "-> ../../../pci0000:00/0000:00:05.0/nvme/nvme1",
  "sys/class/block/nvme0n1": `-> ../../../${subsystem}/nvme0n1`,
  ...Object.fromEntries(
    [first, second].flatMap((path, index) => [
      [`${path}/modalias`, "pci:v0000144Dd0000A80Asv0000144Dsd0000A801bc01sc08i02\n"],
      [`${path}/driver`, "-> ../../../bus/pci/drivers/nvme"],
      [`${path}/nvme/nvme${index}/state`, "live\n"],
      [`sys/bus/pci/devices/${path.slice(-12)}`, `-> ../../../../${path}`],
    ]),
  ),
  "sys/bus/pci/drivers/nvme/module": "-> ../../../../module/nvme",
  "sys/module/nvme/refcnt": "1\n",
  "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": "\u0006\0\0\0\u0001",
  "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
  "run/systemd/container": "lxc\n",
};

for (const shell of [["/bin/dash"], ["/usr/bin/busybox", "sh"]]) {
  test.serial(
    `${shell.join(" ")} finds both controllers of one disk, Secure Boot, lockdown and a container`,
    async (t) => {
      const facts = await askFacts(localConnection(t, { shell: [...overlaid(t, serverFiles).slice(0, -1), ...shell] }));
      t.deepEqual(
        facts.disks.map(({ name, size, sectorSize }) => [name, size, sectorSize]),
        [["nvme0n1", 8388608 * 512, 4096]],
      );
      t.deepEqual(
        facts.hardware.map(({ path, driver, module, disks }) => [path, driver, module, disks]),
        [first, second].map((path) => [`/${path}`, "nvme", "nvme", ["nvme0n1"]]),
      );
      t.is(facts.firmware, "efi");
      t.like(facts.kexec, { secureBoot: true, lockdown: "integrity" });
      t.is(facts.container, "lxc");
    },
  );
}

test.serial("host keys are those that sshd has, from wherever it has them", async (t) => {
  const folder = temporaryFolder(t);
  const pem = (name: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
    return [readFileSync(join(folder, name), "utf8"), readFileSync(join(folder, `${name}.pub`), "utf8")] as const;
  };
  const [kept, keptPublic] = pem("kept");
  const [other, otherPublic] = pem("other");
  const shell = overlaid(t, {
    "etc/ssh/sshd_config": "Port 22\nHostKey /srv/keys/ssh_host_ed25519_key\n",
    "etc/ssh/ssh_host_rsa_key": other,
    "etc/ssh/ssh_host_rsa_key.pub": otherPublic,
    "srv/keys/ssh_host_ed25519_key": kept,
    "srv/keys/ssh_host_ed25519_key.pub": keptPublic,
    "root/.ssh/authorized_keys": `# mine\n${keptPublic}`,
  });
  const facts = await askFacts(localConnection(t, { shell }));
  const keys = new Map(facts.hostKeys.map(({ name, bytes }) => [name, String(bytes)]));
  t.is(keys.get("ssh_host_ed25519_key"), kept);
  t.is(keys.get("ssh_host_ed25519_key.pub"), keptPublic);
  t.is(keys.get("ssh_host_rsa_key"), other);
  t.is(keys.size, 4);
  t.deepEqual(facts.authorizedKeys, [keptPublic.trim()]);
  t.false(JSON.stringify(factsJson(facts)).includes("PRIVATE KEY"));
});

test.serial("a machine that breaks off while it says its keys does not put them into the error", async (t) => {
  const around = 'case $2 in *sshd_config*) sh "$@"; exit 1 ;; *) exec sh "$@" ;; esac';
  const shell = [...overlaid(t, { "etc/ssh/ssh_host_rsa_key": "-----BEGIN SECRET" }), "-c", around, "sh"];
  const error = await t.throwsAsync<MkimageError>(askFacts(localConnection(t, { shell })));
  t.is(error?.code, "COMMAND_FAILED");
  const text = [error?.message, ...(error?.details ?? [])].join("\n");
  t.false(text.includes(Buffer.from("SECRET").toString("hex")));
});
