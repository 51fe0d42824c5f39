import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { findFirmware } from "../../src/guest/firmware.ts";
import { type Machine, qemuArguments } from "../../src/guest/qemu.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { temporaryFolder } from "../image/folder.ts";

const machine: Machine = {
  architecture: "x86_64",
  acceleration: "tcg",
  memory: 512 * 1024 * 1024,
  processors: 2,
  clock: 1,
  disks: [],
};

/** The values of an option, in their order. */
function valuesOf(option: string, given: Partial<Machine>): string[] {
  const arguments_ = qemuArguments({ ...machine, ...given });
  return arguments_.filter((_, index) => arguments_[index - 1] === option);
}

test("a machine has nothing that was not asked for", (t) => {
  const arguments_ = qemuArguments(machine);
  for (const expected of ["-nodefaults", "-no-user-config", "-no-reboot"]) t.true(arguments_.includes(expected));
  t.deepEqual(valuesOf("-nic", {}), ["none"]);
  t.deepEqual(valuesOf("-display", {}), ["none"]);
});

test("memory is counted in MiB, and the clock starts at a fixed time", (t) => {
  t.deepEqual(valuesOf("-m", {}), ["512"]);
  t.deepEqual(valuesOf("-rtc", { clock: 86_400 }), ["base=1970-01-02T00:00:00,clock=vm"]);
});

test("KVM takes the host's processor, TCG one that it can do", (t) => {
  t.deepEqual(valuesOf("-cpu", { acceleration: "kvm" }), ["host"]);
  t.deepEqual(valuesOf("-cpu", {}), ["max,la57=off"]);
});

test("firmware that needs SMM gets it, and secure flash", (t) => {
  const firmware = { executable: "/f", variables: "/v", needsSmm: true };
  t.deepEqual(valuesOf("-machine", { firmware }), ["q35,dump-guest-core=off,smm=on"]);
  t.deepEqual(valuesOf("-global", { firmware }), ["driver=cfi.pflash01,property=secure,value=on"]);
  t.deepEqual(valuesOf("-machine", { firmware: { ...firmware, needsSmm: false } }), ["q35,dump-guest-core=off"]);
});

test("each kind of access has its options", (t) => {
  const disk = { path: "/d", format: "raw", serial: "s" } as const;
  const options = (access: "scratch" | "recorded" | "read-only" | "snapshot") =>
    valuesOf("-drive", { disks: [{ ...disk, access }] })[0];
  t.regex(options("scratch") ?? "", /,cache=unsafe,discard=unmap,detect-zeroes=unmap,/);
  t.regex(options("recorded") ?? "", /,cache=unsafe,discard=ignore,detect-zeroes=off,/);
  t.regex(valuesOf("-device", { disks: [{ ...disk, access: "recorded" }] })[0] ?? "", /,discard=off,write-zeroes=off$/);
  t.regex(options("read-only") ?? "", /,readonly=on,/);
  t.regex(options("snapshot") ?? "", /,snapshot=on,/);
});

test("disks of 4096-byte sectors say so", (t) => {
  const disk = { path: "/d", format: "raw", serial: "s", access: "scratch", sectorSize: 4096 } as const;
  t.regex(valuesOf("-device", { disks: [disk] })[0] ?? "", /,logical_block_size=4096,physical_block_size=4096$/);
});

test("an aarch64 machine has that processor's board and console", (t) => {
  const kernel = { image: "/k", initrd: "/i", parameters: ["quiet"] };
  t.deepEqual(valuesOf("-machine", { architecture: "aarch64" }), ["virt,dump-guest-core=off"]);
  t.deepEqual(valuesOf("-append", { architecture: "aarch64", kernel }), ["console=ttyAMA0 quiet"]);
});

test("QEMU itself accepts the command line, with commas, colons and blanks in every path", (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, `a,b:c ${name}`);
  for (const name of ["one", "two", "three"]) writeFileSync(at(name), Buffer.alloc(1024 * 1024));
  const firmware = findFirmware({ architecture: "x86_64" });
  copyFileSync(firmware.variables, at("variables"));
  const arguments_ = qemuArguments({
    ...machine,
    disks: [
      { path: at("one"), format: "raw", serial: "a,b", access: "scratch" },
      { path: at("two"), format: "raw", serial: "two", access: "read-only", sectorSize: 4096 },
      { path: at("three"), format: "raw", serial: "three", access: "snapshot" },
    ],
    firmware: { ...firmware, variables: at("variables") },
    logPath: at("log"),
  });
  // Started but not let run, the machine can be asked what it consists of.
  const drives = execFileSync(findTool("qemu-system-x86_64"), [...withMonitor(arguments_), "-S"], {
    input: "info block\nquit\n",
    encoding: "utf8",
  });
  for (const name of ["one", "two", "three", "variables"]) t.true(drives.includes(at(name)), name);
});

/** Standard output is then for QEMU's own monitor, instead of the console. */
function withMonitor(arguments_: readonly string[]): string[] {
  const console = arguments_.findIndex((argument) => argument.startsWith("stdio,id=console"));
  return [...arguments_.toSpliced(console, 1, "null,id=console"), "-monitor", "stdio"];
}

test("a port for SSH is a network of the loopback alone, whether somebody sits at the machine or not", (t) => {
  const network = "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:2222-:22";
  t.deepEqual(valuesOf("-nic", { sshPort: 2222 }), [network]);
  t.deepEqual(valuesOf("-nic", { sshPort: 2222, seat: { display: "none" } }), [network]);
  t.deepEqual(valuesOf("-nic", { seat: { display: "none" } }), ["user,model=virtio-net-pci"]);
});
