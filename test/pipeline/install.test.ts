import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { GuestMachine } from "../../src/guest/run-guest.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import { install } from "../../src/pipeline/install.ts";
import { draftOf, grub, systemdBoot } from "./drafts.ts";
import { type FakeHost, fakeHost, type Guest } from "./fake-host.ts";

function sizesOf({ disks }: GuestMachine): number[] {
  return disks.filter(({ access }) => access === "scratch").map(({ path }) => statSync(path).size);
}

function headOf(path: string, length: number): string {
  const file = openSync(path, "r");
  const head = Buffer.alloc(length);
  readSync(file, head);
  closeSync(file);
  return head.toString("latin1");
}

/** An installer that writes bytes to a place of its first disk. */
function writing(offset: number): Guest {
  return ({ disks }) => {
    const file = openSync(disks[0]?.path ?? "", "r+");
    writeSync(file, Buffer.from("boot code"), 0, 9, offset);
    closeSync(file);
    return {};
  };
}

test("a filesystem with too little free is made again, larger, from the same files", async (t) => {
  const sizes: number[][] = [];
  const guest: Guest = (machine, _, number) => {
    sizes.push(sizesOf(machine));
    return { "files/free.0": number === 1 ? `${100 * MiB}` : `${600 * MiB}` };
  };
  const host = fakeHost(t, { guest });
  const drafted = draftOf({ partition: "none", fsType: "xfs", installBootLoader: false });
  const { plan, scratchDisks } = await install(drafted, host.folder, host.context);
  t.is(sizes.length, 2);
  t.true((sizes[1]?.[0] ?? 0) >= (sizes[0]?.[0] ?? 0) + 412 * MiB, JSON.stringify(sizes));
  t.deepEqual(host.titles.filter((title) => title === "Writing the files for the guest").length, 1);
  t.regex(host.notes.join("\n"), /made again, larger/);
  t.is(plan.filesystems[0]?.plan.freeBytes, 600 * MiB, "what the guest has measured");
  t.is(scratchDisks?.reason, "xfs filesystems are filled by a guest's kernel");
});

test("a size that the user gave stays, however little is free", async (t) => {
  const host = fakeHost(t, { guest: () => ({ "files/free.0": "1" }) });
  const drafted = draftOf({ partition: "none", fsType: "xfs", installBootLoader: false, size: "4G" });
  await install(drafted, host.folder, host.context);
  t.deepEqual(
    host.ran.map(({ machine }) => sizesOf(machine)),
    [[4 * GiB]],
  );
});

test("boot code that names no blocks is moved to the final disk, and the copy goes", async (t) => {
  const host = fakeHost(t, { guest: writing(512) });
  const drafted = draftOf({ partition: "legacy" }, { installer: grub });
  const installed = await install(drafted, host.folder, host.context);
  t.is(host.ran.length, 1);
  t.is(installed.scratchDisks, undefined);
  t.like([...installed.installation.bootCode.values()], [[{ offset: 512 }]]);
  t.deepEqual(installed.plan.layout.disks, drafted.plan.layout.disks, "the room for the installer is not in the image");
  t.throws(() => statSync(host.ran[0]?.machine.disks[0]?.path ?? ""), { code: "ENOENT" });
});

test("boot code that may name blocks is published as it was installed, without the room that it was given", async (t) => {
  const sizes: number[][] = [];
  const guest: Guest = (machine, job, number) => (sizes.push(sizesOf(machine)), writing(0)(machine, job, number));
  const host = fakeHost(t, { guest });
  const installed = await install(draftOf({ partition: "legacy" }, { installer: grub }), host.folder, host.context);
  t.is(host.ran.length, 2);
  t.true((sizes[0]?.[0] ?? 0) > (sizes[1]?.[0] ?? 0) + 200 * MiB, JSON.stringify(sizes));
  t.regex(installed.scratchDisks?.reason ?? "", /may hold block numbers/);
  const [path = ""] = installed.scratchDisks?.files.values() ?? [];
  t.is(headOf(path, 9), "boot code");
});

test("on a disk of a given size there is nothing to gain by a second run", async (t) => {
  const host = fakeHost(t, { guest: writing(0) });
  const drafted = draftOf({ partition: "legacy", size: "1G" }, { installer: grub });
  t.truthy((await install(drafted, host.folder, host.context)).scratchDisks);
  t.is(host.ran.length, 1);
});

test("a guest takes over what the host cannot install, and says why; what the host can do needs none", async (t) => {
  const host = fakeHost(t);
  await install(draftOf({ partition: "efi" }, { installer: grub }), host.folder, host.context);
  t.is(host.ran.length, 1);
  t.deepEqual(host.notes, ["the host cannot install the bootloader because GRUB is installed by its own program"]);
  const other = fakeHost(t);
  await install(draftOf({ partition: "efi" }, { installer: systemdBoot("/boot") }), other.folder, other.context);
  t.deepEqual([other.ran, other.notes, other.titles], [[], [], []]);
  t.throws(() => draftOf({ partition: "efi", engine: "host" }, { installer: grub }), { code: "BAD_REQUEST" });
});

/** How often the files were written that guests copy from. */
function sourcesWritten({ titles }: FakeHost): number {
  return titles.filter((title) => title === "Writing the files for the guest").length;
}

test("the files that a guest fills a filesystem with are written once, for the trial of the bootloader and the image", async (t) => {
  const guest: Guest = () => ({ "files/free.0": `${GiB}`, "mnt/boot/loader.conf": "of the installer" });
  for (const size of ["auto", "4G"]) {
    const host = fakeHost(t, { guest });
    const drafted = draftOf({ partition: "efi", fsType: "btrfs", size }, { installer: grub });
    const { plan } = await install(drafted, host.folder, host.context);
    t.is(host.ran.length, 2);
    const boot = plan.filesystems.find(({ filesystem }) => filesystem.mountpoint === "/boot");
    t.deepEqual([...(boot?.files.entries.keys() ?? [])], ["loader.conf"], "the image has the bootloader");
    t.is(sourcesWritten(host), 1, size);
  }
});

test("what the installer has put beside those files comes to the guest on a disk of its own, and they are written once", async (t) => {
  const guest: Guest = () => ({ "files/free.0": `${GiB}`, "mnt/boot/grub.cfg": "of the installer" });
  const host = fakeHost(t, { guest });
  await install(draftOf({ partition: "legacy", fsType: "btrfs" }, { installer: grub }), host.folder, host.context);
  t.is(sourcesWritten(host), 1);
  const { machine, job } = host.ran[1] ?? {};
  const beside = machine?.disks.find(({ serial }) => serial === "mkimage-additions");
  t.true(readFileSync(beside?.path ?? "").includes("of the installer"));
  const titles = job?.steps.map(({ title }) => title) ?? [];
  t.is(titles.indexOf("copy further files of /"), titles.indexOf("copy the files of /") + 2);
  t.false(host.ran[0]?.machine.disks.some(({ serial }) => serial === "mkimage-additions"));
});

test("without KVM a guest runs all the same, and the user is told", async (t) => {
  const host = fakeHost(t, { acceleration: { acceleration: "tcg", note: "guests run without KVM" } });
  await install(draftOf({ partition: "efi" }, { installer: grub }), host.folder, host.context);
  t.is(host.ran[0]?.machine.acceleration, "tcg");
  t.true(host.notes.includes("guests run without KVM"));
});

test("a script gets empty disks, and makes all of them in one guest with the installer", async (t) => {
  const found = "ext4\n00000000-0000-0000-0000-000000000001\nlabel\n1048576\n";
  const host = fakeHost(t, { guest: () => ({ "files/filesystem.0": found, "files/free.0": "4096" }) });
  const script = { path: "/disko", text: "mkfs.ext4 /dev/vda" };
  const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const tree = readDeviceTree({ disk: { main: { device: "/dev/vda", content } } });
  const drafted = draftOf({ diskoScript: "/disko" }, { tree, script, installer: grub });
  const { scratchDisks } = await install(drafted, host.folder, host.context);
  t.is(host.ran.length, 1);
  t.true(host.ran[0]?.job.steps.some(({ title }) => title === "install the bootloader"));
  t.is(scratchDisks?.reason, "/disko has made it");
  t.true(host.tools[0]?.includes("findmnt"));
});

test("every disk goes to the guest under its own name, and comes back as its own file", async (t) => {
  const guest: Guest = ({ disks }) => {
    for (const { path, serial, access } of disks) if (access === "scratch") writeFileSync(path, serial);
    return { "files/free.0": `${2 * GiB}`, "files/free.1": `${2 * GiB}` };
  };
  const host = fakeHost(t, { guest });
  const disk = (mountpoint: string) => ({
    device: `/dev/${mountpoint === "/" ? "a" : "b"}`,
    content: { type: "filesystem", format: "xfs", mountpoint },
  });
  const tree = readDeviceTree({ disk: { one: disk("/"), two: disk("/data") } });
  const { scratchDisks, plan } = await install(draftOf({}, { tree }), host.folder, host.context);
  t.is(plan.layout.disks.length, 2);
  for (const name of ["one", "two"]) t.is(readFileSync(scratchDisks?.files.get(name) ?? "", "utf8"), name);
});

test("passwords and files for a guest come with its job in memory, and stand nowhere else", async (t) => {
  const secret = "hunter2-and-more";
  const host = fakeHost(t, {
    guest: ({ disks }) => {
      for (const { path } of disks.filter((each) => each.path.startsWith(host.folder) && each.path !== key))
        t.false(readFileSync(path).includes(secret), path);
      return {};
    },
  });
  const key = join(host.folder, "key");
  writeFileSync(key, secret);
  const inside = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const content = { type: "luks", name: "crypted", settings: { keyFile: "/tmp/secret.key" }, content: inside };
  const tree = readDeviceTree({ disk: { main: { device: "/dev/sda", imageSize: "64M", content } } });
  const drafted = draftOf({ preFormatFiles: [[key, "/tmp/secret.key"]] }, { tree });
  await install(drafted, host.folder, host.context);
  const [{ machine, job }] = host.ran as [(typeof host.ran)[0]];
  t.true(
    job.secrets?.some(({ bytes }) => Buffer.from(bytes).toString() === secret),
    "it is there",
  );
  const { secrets: _, ...open } = job;
  const files = (job.files ?? []).map(({ bytes }) => Buffer.from(bytes).toString());
  const told = JSON.stringify([open.steps, files, machine, host.notes, host.titles, host.commands, drafted.recipe]);
  t.false(told.includes(secret));
});
