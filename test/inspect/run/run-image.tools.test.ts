import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import type { Machine } from "../../../src/guest/qemu.ts";
import type { Seats } from "../../../src/guest/seats.ts";
import { runImage } from "../../../src/inspect/run/run-image.ts";
import { openTemporaryWorkspace } from "../../../src/runtime/workspace.ts";
import { silent } from "../images.ts";

/** Seats at which nobody sits: they say which machine there would be, and what its variables held. */
interface FakeSeats {
  readonly seats: Seats;
  readonly machines: Machine[];
  readonly variables: string[];
  readonly open: Set<string>;
  readonly folder: string;
}

function fakeSeats(t: ExecutionContext, ends?: MkimageError): FakeSeats {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "template.fd"), "template");
  const [machines, variables, open]: [Machine[], string[], Set<string>] = [[], [], new Set()];
  const seats: Seats = {
    chooseAcceleration: (request) =>
      Promise.resolve(
        request === "auto" ? { acceleration: "tcg", note: "KVM does not answer" } : { acceleration: "kvm" },
      ),
    findFirmware: ({ variables: own }) => {
      return { executable: "/code.fd", variables: own ?? join(folder, "template.fd"), needsSmm: false };
    },
    openTemporaryWorkspace: async () => {
      const workspace = await openTemporaryWorkspace();
      open.add(workspace.folder);
      return { ...workspace, remove: () => (open.delete(workspace.folder), workspace.remove()) };
    },
    runSeat: (machine) => {
      machines.push(machine);
      if (machine.firmware !== undefined) variables.push(readFileSync(machine.firmware.variables, "utf8"));
      return ends === undefined ? Promise.resolve() : Promise.reject(ends);
    },
  };
  return { seats, machines, variables, open, folder };
}

/** A file of zeros: what boots it has to be said. */
function image({ folder }: FakeSeats, name = "disk.img"): string {
  mkdirSync(join(folder, "images"), { recursive: true });
  const path = join(folder, "images", name);
  writeFileSync(path, Buffer.alloc(MiB));
  return path;
}

function run(fake: FakeSeats, request: Partial<Parameters<typeof runImage>[0]> = {}, notes: string[] = []) {
  const usual = { images: [image(fake)], keep: false, firmware: "bios", acceleration: "auto" } as const;
  const machine = { memory: GiB, processors: 2, seat: { display: "none" }, sshPort: undefined };
  const reporter = { ...silent, note: (text: string) => void notes.push(text) };
  const options = { reporter, signal: new AbortController().signal };
  return runImage({ ...usual, ...machine, ...request }, options, fake.seats);
}

test("an image runs as it is, its writes are forgotten, and what the machine lacks is told", async (t) => {
  const fake = fakeSeats(t);
  const notes: string[] = [];
  await run(fake, {}, notes);
  const [machine] = fake.machines;
  t.like(machine, {
    acceleration: "tcg",
    memory: GiB,
    processors: 2,
    architecture: "x86_64",
    seat: { display: "none" },
    sshPort: undefined,
  });
  t.is(machine?.firmware, undefined, "a BIOS is QEMU's own");
  t.deepEqual(machine?.disks, [
    { path: join(fake.folder, "images/disk.img"), format: "raw", serial: "disk0", access: "snapshot" },
  ]);
  t.deepEqual(notes, ["KVM does not answer"]);
  t.deepEqual([...fake.open], []);
});

test("with keep the disks are written, in their order, and the acceleration is the one asked for", async (t) => {
  const fake = fakeSeats(t);
  const images = [image(fake, "b.img"), image(fake, "a.img")];
  await run(fake, { images, keep: true, acceleration: "kvm" });
  t.is(fake.machines[0]?.acceleration, "kvm");
  t.deepEqual(
    fake.machines[0]?.disks.map(({ path, serial, access }) => [path, serial, access]),
    images.map((path, index) => [path, `disk${index}`, "kept"]),
  );
});

const own = "variables of the image";

const flashes: readonly (readonly [what: string, keep: boolean, hasOwn: boolean, holds: string, isCopy: boolean])[] = [
  ["the template, copied", false, false, "template", true],
  ["the template, copied, though writes are kept", true, false, "template", true],
  ["the image's own, copied", false, true, own, true],
  ["the image's own, to be written", true, true, own, false],
];

for (const [what, keep, hasOwn, holds, isCopy] of flashes) {
  test(`the firmware's variables ${keep ? "with" : "without"} keep: ${what}`, async (t) => {
    const fake = fakeSeats(t);
    const path = image(fake);
    const beside = join(fake.folder, "images/efi-vars.fd");
    if (hasOwn) writeFileSync(beside, own);
    await run(fake, { images: [path], firmware: "efi", keep });
    t.deepEqual(fake.variables, [holds]);
    t.is(fake.machines[0]?.firmware?.variables === beside, !isCopy);
    t.is(fake.machines[0]?.firmware?.executable, "/code.fd");
    t.deepEqual([...fake.open], [], "the copy goes with its workspace");
    t.deepEqual(readdirSync(join(fake.folder, "images")).length, hasOwn ? 2 : 1);
  });
}

test("an image in which nothing boots is refused before there is a machine", async (t) => {
  const fake = fakeSeats(t);
  await t.throwsAsync(run(fake, { firmware: "auto" }), { code: "BAD_IMAGE" });
  t.deepEqual(fake.machines, []);
  t.deepEqual([...fake.open], []);
});

for (const code of ["COMMAND_FAILED", "INTERRUPTED"] as const) {
  test(`after a machine that ends with ${code}, nothing is left`, async (t) => {
    const fake = fakeSeats(t, new MkimageError(code, "as the test says"));
    await t.throwsAsync(run(fake, { firmware: "efi" }), { code });
    t.is(fake.machines.length, 1);
    t.deepEqual([...fake.open], []);
  });
}
