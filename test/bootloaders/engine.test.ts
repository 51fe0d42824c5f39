import test from "ava";
import { decideEngine, type EngineRequest } from "../../src/bootloaders/engine.ts";
import type { BootMounts } from "../../src/bootloaders/host-installer.ts";
import type { Installer } from "../../src/bootloaders/installer.ts";
import { recogniseInstaller } from "../../src/bootloaders/recognise.ts";
import { builder2505 } from "./systemd-boot/builders.ts";
import { memoryStore } from "./memory-store.ts";
import { builder, files, system } from "./sample-system.ts";

const efi: BootMounts = { all: ["/", "/boot"], esp: ["/boot"], xbootldr: [] };
const efixbootldr: BootMounts = { all: ["/", "/boot", "/efi"], esp: ["/efi"], xbootldr: ["/boot"] };
const auto: EngineRequest = { engine: "auto", touchEfiVars: false, mounts: efi };
const systemdBoot = recogniseInstaller(system, memoryStore(files));
const xbootldr = recogniseInstaller(
  system,
  memoryStore({ ...files, [builder]: builder2505({ efiSysMountPoint: "/efi" }) }),
);
const grub: Installer = { kind: "grub", command: "/x", reason: "its bootloader is GRUB" };

test("the host takes systemd-boot over when it may choose, and when it is told to", (t) => {
  t.is(decideEngine(auto, systemdBoot).engine, "host");
  t.is(decideEngine({ ...auto, engine: "host" }, systemdBoot).engine, "host");
  t.is(decideEngine({ ...auto, mounts: efixbootldr }, xbootldr).engine, "host");
});

test("a guest that was asked for is a guest", (t) => {
  t.deepEqual(decideEngine({ ...auto, engine: "guest" }, systemdBoot), {
    engine: "guest",
    reason: "the bootloader is installed in a guest, as asked for",
  });
});

const guests: readonly (readonly [what: string, request: EngineRequest, installer: Installer, reason: RegExp])[] = [
  ["another bootloader", auto, grub, /^the host cannot install the bootloader because its bootloader is GRUB$/],
  ["EFI variables", { ...auto, touchEfiVars: true }, systemdBoot, /--touch-efi-vars/],
  [
    "an ESP of another type",
    { ...auto, mounts: { ...efi, esp: [] } },
    systemdBoot,
    /\/boot is no FAT filesystem in an EFI system partition of a GPT$/,
  ],
  [
    "one of two of another type",
    { ...auto, mounts: { ...efixbootldr, xbootldr: [] } },
    xbootldr,
    /\/boot is no FAT filesystem in an extended boot loader partition of a GPT$/,
  ],
];

for (const [what, request, installer, reason] of guests) {
  test(`${what}: auto takes a guest and says why, host refuses`, (t) => {
    const { engine, reason: given } = decideEngine(request, installer);
    t.is(engine, "guest");
    t.regex(given, reason);
    t.throws(() => decideEngine({ ...request, engine: "host" }, installer), { code: "BAD_REQUEST", message: reason });
  });
}

const placeless: readonly (readonly [what: string, mounts: BootMounts, installer: Installer, message: RegExp])[] = [
  [
    "the ESP",
    { all: ["/"], esp: [], xbootldr: [] },
    systemdBoot,
    /wants a partition at \/boot, and the image has none/,
  ],
  ["one of two", efi, xbootldr, /wants a partition at \/efi, and the image has none/],
];

for (const [what, mounts, installer, message] of placeless) {
  test(`no place for ${what}: refused, unless a guest was asked for`, (t) => {
    for (const engine of ["auto", "host"] as const)
      for (const touchEfiVars of [false, true])
        t.throws(() => decideEngine({ engine, touchEfiVars, mounts }, installer), { code: "BAD_REQUEST", message });
    t.is(decideEngine({ ...auto, engine: "guest", mounts }, installer).engine, "guest");
  });
}
