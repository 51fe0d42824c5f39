import test from "ava";
import { confirmDevice, consentFault, describeForPeople } from "../../src/machine/confirm.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { freeDisk } from "./free-disk.ts";

const byId = "/dev/disk/by-id/usb-Stick_0123-0:0";
const named = { ...freeDisk, byIdPaths: [byId] };

function terminal(answer: string) {
  const lines: string[] = [];
  return { lines, say: (line: string) => void lines.push(line), ask: async () => answer };
}

test("on a terminal the device is retyped, letter by letter", async (t) => {
  await t.notThrowsAsync(confirmDevice(freeDisk, {}, terminal("/dev/sdb\n")));
  for (const answer of ["", "y", "yes", "sdb", "/dev/sda", "/dev/sdb1"]) {
    const error = await t.throwsAsync<MkimageError>(confirmDevice(freeDisk, {}, terminal(answer)));
    t.is(error?.code, "REFUSED_DEVICE");
  }
});

test("the user sees model, serial number, size, partitions, and what is on them", async (t) => {
  const device = {
    ...freeDisk,
    partitions: [{ name: "sdb1", number: 1, offset: MiB, size: 32 * MiB }],
    signatures: [
      { device: "sdb", type: "gpt", label: undefined },
      { device: "sdb1", type: "ext4", label: "photos" },
    ],
    users: [{ kind: "mount", device: "sdb1", mountPoint: "/mnt" }],
  } as const;
  const dialogue = terminal(device.path);
  await confirmDevice(device, {}, dialogue);
  t.deepEqual(dialogue.lines, describeForPeople(device));
  t.deepEqual(dialogue.lines, [
    "/dev/sdb (/dev/sdb): 64 MiB, gpt",
    "  model Stick, serial 0123, sectors of 512 bytes",
    '  sdb1: 32 MiB, ext4 "photos", mounted on /mnt',
  ]);
});

test("without a terminal, --yes takes a path that names this very disk", (t) => {
  t.is(consentFault({ ...named, path: byId }, { yes: true }), undefined);
  t.true(consentFault(named, { yes: true })?.hint.includes(byId));
  t.true(consentFault(named, { yes: true, expectSize: named.size })?.hint.includes(byId));
  t.true(consentFault({ ...named, path: byId }, {})?.message.includes("was not confirmed"));
});

test("a device without such a path takes its exact size instead", (t) => {
  t.is(consentFault(freeDisk, { yes: true, expectSize: 64 * MiB }), undefined);
  t.true(consentFault(freeDisk, { yes: true })?.hint.includes("--expect-size 67108864"));
  t.true(consentFault(freeDisk, { expectSize: 64 * MiB })?.message.includes("was not confirmed"));
  t.true(consentFault(freeDisk, { yes: true, expectSize: 1 })?.message.includes("not 1"));
});

test("a size that is wrong is refused even with a lasting path", (t) => {
  t.true(consentFault({ ...named, path: byId }, { yes: true, expectSize: 1 })?.message.includes("not 1"));
});
