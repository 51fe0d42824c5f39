import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import type { NetworkFacts } from "../../../src/deploy/facts/network-facts.ts";
import { MiB } from "../../../src/base/units.ts";
import { askFacts } from "../../../src/deploy/facts/ask-facts.ts";
import { publicKeyIn } from "../../../src/deploy/final-keys.ts";
import { chooseKernel } from "../../../src/guest/kernel.ts";
import { inspectRemote } from "../../../src/remote/inspect-remote.ts";
import { foreignMachine } from "../foreign-machine.ts";
import { judge } from "../loop-device.ts";
import { demoSystem } from "../mkimage.ts";
import { answers, deployment, goToRescue } from "../rescue-scene.ts";
import { isLong } from "../../together/is-long.ts";

// A machine that has nothing of ours, started into the rescue system by kexec.

const onLink = `ip link set dev eth0 up
ip addr add 10.0.2.15/32 dev eth0
ip route add default via 10.0.2.2 dev eth0 onlink
`;

function start(t: ExecutionContext, kernel: string, network: string, devices: readonly string[] = []) {
  return foreignMachine(t, {
    kernel: chooseKernel({ vmKernel: kernel, needs: [] }),
    memory: 512 * MiB,
    network,
    devices,
  });
}

test.serial(
  "it is the same machine to whoever knows it, at its address, with nothing changed on its disk",
  async (t) => {
    const kernel = demoSystem("systemd-boot");
    const machine = await start(t, kernel, onLink);
    const { facts, connection: rescue } = await goToRescue(machine, { kernel, deadlineSeconds: 400 });
    await using connection = rescue;
    t.false(facts.tools.has("kexec"));
    const now = await askFacts(connection);
    t.deepEqual(now.rescue, { version: "1.2.3", deployment, disks: [] });
    t.not(now.boot, facts.boot);
    t.is(now.hostname, facts.hostname);
    // A router may have given an address meanwhile.
    t.deepEqual(withoutLent(now.network), withoutLent(facts.network));
    t.like(now.network.routes[0], { destination: "default", gateway: "10.0.2.2", isOnLink: true });
    const { device, tools } = await inspectRemote(connection, "/dev/vda");
    t.like(device, { serial: "foreign", size: 64 * MiB, users: [] });
    for (const tool of ["dd", "fullblock", "sha256sum", "signatures", "zstd"]) t.true(tools.has(tool), tool);
    t.true(readFileSync(machine.disk).every((byte) => byte === 0));
    // What others see of it: its key, and what its console says.
    const seen = judge("ssh-keyscan", "-t", "ed25519", "-p", String(machine.port), "127.0.0.1");
    t.deepEqual([publicKeyIn(seen.replace(/^\S+ /m, ""))], [...machine.hostKeys]);
    t.regex(machine.console(), /root is let in by key over SSH, at port 22 of:\s+mkimage-rescue: {3}10\.0\.2\.15/);
  },
);

if (isLong) {
  const generic = () =>
    execFileSync(join(import.meta.dirname, "../../../fixtures/kernel"), { encoding: "utf8" }).trim();
  const wires = [1, 2].flatMap((number) => [
    "-netdev",
    `hubport,id=wire${number},hubid=${number}`,
    "-device",
    `virtio-net-pci,netdev=wire${number},mac=52:54:00:00:00:0${number}`,
  ]);
  const networks = {
    "a VLAN on a bond of two cards, beside a card with addresses of IPv4 and IPv6": `${onLink}
ip -6 addr add 2001:db8::7/64 dev eth0
ip -6 route add default via fec0::2 dev eth0 onlink
echo +bond0 >/sys/class/net/bonding_masters
echo active-backup >/sys/class/net/bond0/bonding/mode
echo 100 >/sys/class/net/bond0/bonding/miimon
echo +eth1 >/sys/class/net/bond0/bonding/slaves
echo +eth2 >/sys/class/net/bond0/bonding/slaves
ip link set dev bond0 up
ip link add link bond0 name bond0.40 type vlan id 40
ip link set dev bond0.40 mtu 1400
ip link set dev bond0.40 up
ip addr add 192.0.2.10/24 dev bond0.40
ip route add 198.51.100.0/24 via 192.0.2.1 dev bond0.40 metric 50
`,
    "an address that was lent": `ip link set dev eth0 up
ip addr add 10.0.2.15/24 dev eth0 valid_lft 86400 preferred_lft 86400
ip route add default via 10.0.2.2 dev eth0
`,
  };
  for (const [name, network] of Object.entries(networks)) {
    test.serial(`the network is as it was: ${name}`, async (t) => {
      const kernel = generic();
      const machine = await start(t, kernel, network, wires);
      const { facts, connection } = await goToRescue(machine, { kernel, deadlineSeconds: 600 });
      await using rescue = connection;
      const now = await askFacts(rescue);
      const settled = ({ links, routes }: typeof now.network) => ({
        routes,
        links: links.map(({ addresses, ...link }) => ({
          ...link,
          // What a router lends comes and goes; a lease that was taken over is not yet known to end.
          addresses: addresses
            .filter(({ address }) => !/^f[ec]/.test(address))
            .map(({ address, prefix }) => ({ address, prefix })),
        })),
      });
      t.deepEqual(settled(now.network), settled(facts.network));
      const asks = await rescue.run("ps | grep -c '[u]dhcpc -i eth0 -r 10.0.2.15' || true", []);
      t.is(asks.trim(), name.includes("lent") ? "1" : "0");
      // It leaves as a person would.
      await rescue.run("(sleep 1; reboot) >/dev/null 2>&1 &", []);
      await using again = await answers(machine);
      t.is((await askFacts(again)).rescue, undefined);
    });
  }

  test.serial("a machine with another key is not taken for it", async (t) => {
    const kernel = demoSystem("systemd-boot");
    const machine = await start(t, kernel, onLink);
    const other = join(machine.folder, "other");
    judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other);
    const hostKeys = [{ name: "ssh_host_ed25519_key", bytes: readFileSync(other) }];
    const going = goToRescue(machine, {
      kernel,
      deadlineSeconds: 300,
      change: (request) => ({ ...request, hostKeys }),
    });
    const error = await t.throwsAsync<MkimageError>(going);
    t.regex(error?.message ?? "", /did not answer within 300 s: a machine with another host key answers/);
  });

  test.serial("a rescue system that gives up leaves the machine to its old system, which is said", async (t) => {
    const kernel = demoSystem("systemd-boot");
    const machine = await start(t, kernel, onLink);
    const going = goToRescue(machine, {
      kernel,
      deadlineSeconds: 600,
      change: (request) => ({ ...request, parameters: [...request.parameters, "rdinit=/none"] }),
    });
    const error = await t.throwsAsync<MkimageError>(going);
    t.regex(error?.message ?? "", /has started, but into its old system/);
    t.regex(machine.console(), /Kernel panic/);
  });
}

function withoutLent({ links, ...network }: NetworkFacts): NetworkFacts {
  const kept = links.map((link) => ({ ...link, addresses: link.addresses.filter(({ isLent }) => !isLent) }));
  return { ...network, links: kept };
}
