import test from "ava";
import { decideEngine, type EngineRequest } from "../../src/bootloader/engine.ts";
import type { Installer } from "../../src/bootloader/installer.ts";
import { recogniseInstaller } from "../../src/bootloader/recognise.ts";
import { builder2505 } from "./builders.ts";
import { memoryStore } from "./memory-store.ts";
import { builder, files, system } from "./sample-system.ts";

const auto: EngineRequest = { engine: "auto", touchEfiVars: false, mountPoints: ["/boot"] };
const systemdBoot = recogniseInstaller(system, memoryStore(files));
const xbootldr = recogniseInstaller(
  system,
  memoryStore({ ...files, [builder]: builder2505({ efiSysMountPoint: "/efi" }) }),
);
const grub: Installer = { kind: "grub", command: "/x", reason: "its bootloader is GRUB" };

test("the host takes systemd-boot over when it may choose, and when it is told to", (t) => {
  t.is(decideEngine(auto, systemdBoot).engine, "host");
  t.is(decideEngine({ ...auto, engine: "host" }, systemdBoot).engine, "host");
  t.is(decideEngine({ ...auto, mountPoints: ["/boot", "/efi"] }, xbootldr).engine, "host");
});

test("a guest that was asked for is a guest", (t) => {
  t.deepEqual(decideEngine({ ...auto, engine: "guest" }, systemdBoot), {
    engine: "guest",
    reason: "the bootloader is installed in a guest, as asked for",
  });
});

const guests: readonly (readonly [what: string, request: EngineRequest, installer: Installer, reason: RegExp])[] = [
  ["another bootloader", auto, grub, /^the host cannot install the bootloader because its bootloader is GRUB$/],
  ["EFI variables", { ...auto, touchEfiVars: true }, systemdBoot, /touchEfiVars/],
  ["no partition for the ESP", { ...auto, mountPoints: ["/"] }, systemdBoot, /a partition at \/boot/],
  ["no partition for one of two", auto, xbootldr, /a partition at \/efi/],
];

for (const [what, request, installer, reason] of guests) {
  test(`${what}: auto takes a guest and says why, host refuses`, (t) => {
    const { engine, reason: given } = decideEngine(request, installer);
    t.is(engine, "guest");
    t.regex(given, reason);
    t.throws(() => decideEngine({ ...request, engine: "host" }, installer), { code: "BAD_REQUEST", message: reason });
  });
}
