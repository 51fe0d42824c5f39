import test from "ava";
import fc from "fast-check";
import { readAuthorizedKeys } from "../../../src/deploy/facts/authorized-keys.ts";
import { factsJson } from "../../../src/deploy/facts/facts-json.ts";
import { findDisk } from "../../../src/deploy/facts/find-disk.ts";
import type { TargetFacts } from "../../../src/deploy/facts/target-facts.ts";
import { MiB } from "../../../src/base/units.ts";
import { factsOf, type RecordedMachine, together } from "./recorded-machine.ts";

const efivar = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

const debian: RecordedMachine = {
  records: ["U\tkernel\tLinux", "U\tmachine\tx86_64", "U\trelease\t6.1.0-32-amd64", "U\thostname\tweb1", "W\tdd"],
  programs: { processor: "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx sse2" },
  files: {
    "/usr/lib/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n',
    "/proc/meminfo": "MemTotal:         483296 kB\nMemFree:          100000 kB\nMemAvailable:     400000 kB\n",
    "/proc/self/status": "Name:\tsh\nCapEff:\t000001ffffffffff\n",
    "/proc/sys/kernel/kexec_load_disabled": "0",
    "/proc/sys/kernel/random/boot_id": "1a9b2c3d-0000-4000-8000-000000000000",
    "/sys/kernel/security/lockdown": "[none] integrity confidentiality",
  },
};

test("a Debian says what it is", (t) => {
  const facts = factsOf(t, debian);
  t.like(facts, {
    kernel: "Linux",
    machine: "x86_64",
    release: "6.1.0-32-amd64",
    hostname: "web1",
    operatingSystem: "Debian GNU/Linux 12 (bookworm)",
    container: undefined,
    firmware: "bios",
    kexec: { secureBoot: undefined, lockdown: "none", disabled: false, isSupported: true, isPermitted: true },
    processor: { vendor: "GenuineIntel", flags: ["fpu", "vmx", "sse2"] },
    boot: "1a9b2c3d-0000-4000-8000-000000000000",
    rescue: undefined,
    currentSystem: undefined,
  });
  t.deepEqual(facts.memory, { total: 483296 * 1024, available: 400000 * 1024 });
});

const variants: Record<string, [RecordedMachine, (facts: TargetFacts) => unknown, unknown]> = {
  "EFI with Secure Boot": [
    { folders: ["/sys/firmware/efi"], records: [`X\t${efivar}\t0600000001`] },
    ({ firmware, kexec }) => [firmware, kexec.secureBoot],
    ["efi", true],
  ],
  "EFI without Secure Boot": [{ records: [`X\t${efivar}\t0600000000`] }, ({ kexec }) => kexec.secureBoot, false],
  "a variable of the wrong length": [{ records: [`X\t${efivar}\t06`] }, ({ kexec }) => kexec.secureBoot, undefined],
  "a port of SSH of its own": [{ records: ["U\tssh-port\t2222"] }, ({ sshPort }) => sshPort, 2222],
  "a port that is none": [{ records: ["U\tssh-port\t222222"] }, ({ sshPort }) => sshPort, undefined],
  "no port": [{}, ({ sshPort }) => sshPort, undefined],
  "a kernel that is locked down": [
    { files: { "/sys/kernel/security/lockdown": "none [integrity] confidentiality" } },
    ({ kexec }) => kexec.lockdown,
    "integrity",
  ],
  "a kernel whose kexec was turned off": [
    { files: { "/proc/sys/kernel/kexec_load_disabled": "1" } },
    ({ kexec }) => kexec.disabled,
    true,
  ],
  "a root without CAP_SYS_BOOT": [
    { files: { "/proc/self/status": "CapEff:\t00000000a80425fb\n" } },
    ({ kexec }) => kexec.isPermitted,
    false,
  ],
  "a container": [
    { records: ["U\tcontainer\t", "U\tcontainer\tlxc", "U\tcontainer\tdocker"] },
    ({ container }) => container,
    "lxc",
  ],
  "our own rescue system": [
    { files: { "/etc/mkimage-rescue": "version 0.1.0\ndeployment 42-ab\n" } },
    ({ rescue }) => rescue,
    { version: "0.1.0", deployment: "42-ab", disks: [] },
  ],
  "a NixOS": [
    { records: ["U\tcurrent-system\t/nix/store/00000000000000000000000000000000-nixos-system-a-25.05"] },
    ({ currentSystem }) => currentSystem,
    "/nix/store/00000000000000000000000000000000-nixos-system-a-25.05",
  ],
  "a system that is no store path": [
    { records: ["U\tcurrent-system\t/nix/store/../../etc"] },
    ({ currentSystem }) => currentSystem,
    undefined,
  ],
  "a name with what a terminal obeys": [
    { records: ["U\thostname\tweb\u001b[2J\u202e"] },
    ({ hostname }) => hostname.includes("\u001b") || hostname.includes("\u202e"),
    false,
  ],
  "no memory that is said": [
    { files: { "/proc/meminfo": "MemTotal: 99999999999999999999 kB" } },
    ({ memory }) => memory.total,
    0,
  ],
};
for (const [name, [machine, fact, wanted]] of Object.entries(variants)) {
  test(`${name} is told`, (t) => {
    const other = { ...debian, records: (debian.records ?? []).filter((line) => !line.includes("hostname")) };
    t.deepEqual(fact(factsOf(t, together(other, machine))), wanted);
  });
}

const disk = (name: string, number: string, further: Readonly<Record<string, string>> = {}): RecordedMachine => {
  const folder = `/sys/class/block/${name}`;
  const files = { dev: number, size: "131072", ro: "0", "queue/logical_block_size": "512", ...further };
  return {
    files: Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text])),
    folders: [`${folder}/device`, `/dev/${name}`],
  };
};

const disks = together(
  debian,
  disk("sda", "8:0", { "device/model": "QEMU \u001b[31mHARDDISK", serial: "S1" }),
  disk("nvme0n1", "259:0", { "queue/logical_block_size": "4096" }),
  disk("nvme0c0n1", "259:5", { hidden: "1" }),
  disk("sr0", "11:0"),
  disk("mmcblk0boot0", "179:8"),
  { files: { "/sys/class/block/loop0/dev": "7:0", "/sys/class/block/dm-0/dev": "252:0" } },
  {
    files: {
      "/sys/class/block/sda/sda1/partition": "1",
      "/sys/class/block/sda1/partition": "1",
      "/sys/class/block/sda1/dev": "8:1",
      "/proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw",
    },
    folders: ["/sys/class/block/sda1/device", "/dev/sda1"],
    records: [
      "R\t/\t/",
      "L\t/dev/disk/by-id/ata-QEMU_S1\t../../sda",
      "L\t/dev/disk/by-path/pci-0000:00:05.0\t../../nvme0n1",
      "L\t/dev/disk/by-uuid/1234\t../../sda1",
      ...["/dev/sda1", "/dev/nvme0n1"].map((path) => {
        const json = JSON.stringify({ signatures: [{ device: path.slice(5), type: "ext4", label: "root" }] });
        return `S\t${path}\t${json}`;
      }),
      "P\tblock\tsda\t/sys/devices/pci0000:00/0000:00:04.0/ata1/host0/target0:0:0/0:0:0:0/block/sda",
      "P\tblock\tnvme0n1\t/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1",
      "P\tblock\tnvme0n1\t/sys/devices/pci0000:00/0000:00:05.0/nvme/nvme0",
      "M\t/sys/devices/pci0000:00/0000:00:04.0\tpci:v00008086d00002922\tahci\tahci",
      "M\t/sys/devices/pci0000:00/0000:00:04.0/ata1/host0/target0:0:0/0:0:0:0\tscsi:t-0x00\tsd\tsd_mod",
      "M\t/sys/devices/pci0000:00/0000:00:05.0\tpci:v00001B36d00000010\tnvme\t",
      "M\t/etc/passwd\tpci:x\t\t",
      "M\t/sys/devices/x\tpci:\u001b[2J\t\t",
    ],
  },
);

test("disks are whole disks, with what is on each and who uses it", (t) => {
  const facts = factsOf(t, disks);
  t.deepEqual(
    facts.disks.map(({ name, signatures }) => [name, signatures.map(({ device, type }) => `${device} ${type}`)]),
    [
      ["nvme0n1", ["nvme0n1 ext4"]],
      ["sda", ["sda1 ext4"]],
    ],
  );
  const sda = facts.disks[1];
  t.like(sda, { path: "/dev/sda", machine: "host", serial: "S1", size: 64 * MiB });
  t.false(sda?.model?.includes("\u001b"));
  t.deepEqual(sda?.users, [{ kind: "mount", device: "sda1", mountPoint: "/" }]);
});

const paths = {
  "/dev/sda": "sda",
  "/dev/disk/by-id/ata-QEMU_S1": "sda",
  "/dev/disk/by-path/pci-0000:00:05.0": "nvme0n1",
  "/dev/disk/by-uuid/1234": undefined,
  "/dev/sda1": undefined,
  "/dev/sr0": undefined,
  sda: undefined,
};
for (const [path, name] of Object.entries(paths)) {
  test(`${path} leads to ${name ?? "no disk"}`, (t) => t.is(findDisk(factsOf(t, disks), path)?.name, name));
}

test("a watchdog that runs is known by the devices above it", (t) => {
  const folder = "/sys/devices/pci0000:00/0000:00:1f.4";
  const records = [
    `P\twatchdog\twatchdog0\t${folder}/iTCO_wdt`,
    `M\t${folder}\tpci:v00008086d0000A323\ti801_smbus\ti2c_i801`,
    `M\t${folder}/iTCO_wdt\tplatform:iTCO_wdt\tiTCO_wdt\tiTCO_wdt`,
  ];
  t.deepEqual(
    factsOf(t, together(disks, { records })).hardware.flatMap(({ module, watchdogs }) =>
      watchdogs.length > 0 ? module : [],
    ),
    ["i2c_i801", "iTCO_wdt"],
  );
});

test("the devices above a disk are known, of one with several ways to it too", (t) => {
  t.deepEqual(
    factsOf(t, disks).hardware.map((device) => [device.driver, device.module, device.disks]),
    [
      ["ahci", "ahci", ["sda"]],
      ["sd", "sd_mod", ["sda"]],
      ["nvme", undefined, ["nvme0n1"]],
    ],
  );
});

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me";
const lines = {
  [key]: true,
  [`from="10.0.0.0/8,::1",no-pty ${key}`]: true,
  [`environment="A=command=x" ${key}`]: true,
  [`command="echo no" ${key}`]: false,
  [`no-port-forwarding,no-agent-forwarding,command="echo 'Please login as the user \\"debian\\"';sleep 10" ${key}`]: false,
  "# a remark": false,
  "": false,
  [`${key}\u001b[2J`]: false,
  [`${key}${"x".repeat(20_000)}`]: false,
};
for (const [line, isUsable] of Object.entries(lines)) {
  test(`a key ${isUsable ? "lets in" : "is left out"}: ${JSON.stringify(line.slice(0, 40))}`, (t) => {
    t.deepEqual(readAuthorizedKeys([line]), isUsable ? [line] : []);
  });
}

test("JSON has the public host keys, and no private one", (t) => {
  const hostKeys = [
    { name: "ssh_host_ed25519_key", bytes: Buffer.from("-----BEGIN SECRET") },
    { name: "ssh_host_ed25519_key.pub", bytes: Buffer.from(`${key}\n`) },
  ];
  const text = JSON.stringify(factsJson({ ...factsOf(t, disks), hostKeys }));
  t.false(text.includes("SECRET"));
  t.false(text.includes(Buffer.from("-----BEGIN SECRET").toString("base64")));
  t.like(JSON.parse(text), {
    hostKeys: [key],
    tools: ["dd"],
    diskPaths: { "/dev/disk/by-id/ata-QEMU_S1": "sda" },
    memory: { total: 483296 * 1024 },
  });
});

const node = fc.constantFrom("sda", "sda1", "nvme0n1", "dm-0", "..", "", "a b", "\u001b[2J");
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom("/sys/class/block/", "/dev/", "/dev/disk/by-id/", "/sys/devices/", "/proc/"), node)
    .map((parts) => parts.join("")),
  fc
    .tuple(
      node,
      fc.constantFrom(
        "dev",
        "size",
        "device",
        "partition",
        "holders/dm-0",
        "slaves/sda",
        "loop/backing_file",
        "hidden",
        "dm/name",
      ),
    )
    .map(([name, file]) => `/sys/class/block/${name}/${file}`),
  fc.constantFrom(
    "/proc/self/mountinfo",
    "/proc/swaps",
    "/etc/os-release",
    "/proc/meminfo",
    "/proc/self/status",
    "/etc/mkimage-rescue",
  ),
);
const value = fc.oneof(
  fc.constantFrom(
    "8:0",
    "1",
    "-1",
    "1e400",
    "NaN",
    "22 1 8:0 / / rw - ext4 /dev/sda rw",
    "CapEff:\tzz",
    "PRETTY_NAME='",
    "MemTotal: x kB",
  ),
  fc.constantFrom(
    '{"signatures":[null]}',
    '{"signatures":[{"device":7,"type":{},"label":[]}]}',
    '{"signatures":[{"device":"sda","type":"x","label":7}]}',
    '{"report":[{}]}',
    "{",
  ),
  fc.string({ maxLength: 30 }),
  path,
);
const record = fc
  .tuple(
    fc.constantFrom(..."TXDLRSGPMUCWK"),
    fc.oneof(path, node, fc.constantFrom("hostname", "processor", "net", "block")),
    value,
    value,
  )
  .map((fields) => fields.join("\t").replaceAll("\n", " "));

test("whatever a machine says, there are facts, and nothing in them that a terminal obeys but paths of its own", (t) => {
  const property = fc.property(fc.array(record, { maxLength: 25 }), (records) => {
    const undo: (() => void)[] = [];
    try {
      const facts = factsOf(
        { teardown: (step) => void undo.push(step as () => void) },
        { records: ["W\tsh", ...records] },
      );
      for (const text of [facts.hostname, facts.operatingSystem, facts.boot, facts.processor.vendor, ...facts.tools])
        t.notRegex(text ?? "", /\p{Cc}/u);
      for (const { name, model, serial } of facts.disks) t.notRegex(`${name}${model}${serial}`, /\p{Cc}/u);
      for (const { modalias, driver } of facts.hardware) t.notRegex(`${modalias}${driver}`, /\p{Cc}/u);
      JSON.stringify(factsJson(facts));
    } finally {
      undo.forEach((step) => step());
    }
  });
  fc.assert(property, { numRuns: 400 });
});
