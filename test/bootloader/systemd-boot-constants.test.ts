import test from "ava";
import { Obstacle } from "../../src/bootloader/obstacle.ts";
import { readSystemdBootConstants, type SystemdBootConstants } from "../../src/bootloader/systemd-boot-constants.ts";
import { builder2311, builder2405, builder2411, builder2505, copyExtraFiles, systemd } from "./builders.ts";

const usual: SystemdBootConstants = {
  espMountPoint: "/boot",
  bootMountPoint: "/boot",
  nixosFolder: "EFI/nixos",
  timeout: "5",
  editor: true,
  consoleMode: "keep",
  rebootForBitlocker: false,
  distroName: "NixOS",
  systemd,
  touchesEfiVariables: false,
  copyExtraFiles,
  namesByStorePath: true,
  sortKeys: true,
  devicetree: "written",
};

test("the constants of each release", (t) => {
  t.deepEqual(readSystemdBootConstants(builder2505()), usual);
  t.deepEqual(readSystemdBootConstants(builder2411()), usual);
  const of2405 = { ...usual, namesByStorePath: false, devicetree: "ignored" } as const;
  t.deepEqual(readSystemdBootConstants(builder2405()), of2405);
  t.deepEqual(readSystemdBootConstants(builder2311()), { ...of2405, nixosFolder: "efi/nixos", sortKeys: false });
});

for (const [release, builder] of Object.entries({ builder2505, builder2411, builder2405, builder2311 })) {
  test(`what the options set in ${release}`, (t) => {
    const options = {
      timeout: "menu-force",
      editor: "",
      consoleMode: "max",
      canTouchEfiVariables: "1",
      distroName: "My OS",
      efiSysMountPoint: "/efi",
    };
    const { espMountPoint, timeout, editor, consoleMode, touchesEfiVariables, distroName } = readSystemdBootConstants(
      builder(options),
    );
    t.deepEqual(
      { espMountPoint, timeout, editor, consoleMode, touchesEfiVariables, distroName },
      {
        espMountPoint: "/efi",
        timeout: "menu-force",
        editor: false,
        consoleMode: "max",
        touchesEfiVariables: true,
        distroName: "My OS",
      },
    );
  });
}

test("XBOOTLDR and BitLocker", (t) => {
  const { espMountPoint, bootMountPoint, rebootForBitlocker } = readSystemdBootConstants(
    builder2505({ efiSysMountPoint: "/efi", bootMountPoint: "/boot", rebootForBitlocker: "1" }),
  );
  t.deepEqual(
    { espMountPoint, bootMountPoint, rebootForBitlocker },
    { espMountPoint: "/efi", bootMountPoint: "/boot", rebootForBitlocker: true },
  );
});

test("a device tree that would lack its slash is not known", (t) => {
  const program = builder2505().replace('f"devicetree /{devicetree}\\n"', '"devicetree %s\\n" % devicetree');
  t.is(readSystemdBootConstants(program).devicetree, "unknown");
});

const refused: readonly (readonly [change: string, from: string | RegExp, to: string, reason: RegExp])[] = [
  ["a constant of a later release", "FILE = None", "BOOT_COUNTING = True\nFILE = None", /a constant BOOT_COUNTING/],
  ["a value that is computed", 'TIMEOUT = "5"', 'TIMEOUT = open("/x").read()', /sets TIMEOUT to open/],
  ["no time-out", 'TIMEOUT = "5"\n', "", /no text for TIMEOUT/],
  ["an editor that is no yes or no", 'EDITOR = "1" == "1"', 'EDITOR = "1"', /no yes or no for EDITOR/],
  [
    "another line in loader.conf",
    'f.write("editor 0',
    'f.write("beep on\\n")\n    f.write("editor 0',
    /writes "beep on/,
  ],
  [
    "another line in an entry",
    "linux {kernel}",
    "linux {kernel}\narchitecture x64",
    /the lines "title sort-key version linux architecture/,
  ],
  ["no text of an entry", /BOOT_ENTRY = """[\s\S]*?"""\n/, "", /entries with the lines ""/],
  ["another description", ", built on {build_date}", ", made on {build_date}", /describe generations/],
  ["another date", "%F", "%x", /the date of a generation/],
  ["another name of kernels", /\{store_subdir\}-\{suffix\}/, "{digest}", /name kernels/],
  ["another place of loader.conf", '"loader/loader.conf"', '"loader.conf"', /\/boot\/loader\.conf for LOADER_CONF/],
  ["a mount point that is none", 'Path("/boot")', 'Path("boot")', /no mount point/],
];

for (const [change, from, to, reason] of refused) {
  test(`not taken over: ${change}`, (t) => {
    const program = builder2505().replace(from, to);
    t.not(program, builder2505());
    t.throws(() => readSystemdBootConstants(program), { instanceOf: Obstacle, message: reason });
  });
}

for (const value of [
  "loader.conf.tmp",
  "timeout 5",
  "console-mode keep",
  "/bin/bootctl",
  'efi_file_path = "/efi',
  'title = "NixOS',
]) {
  test(`not taken over: 23.11 without ${value}`, (t) => {
    t.throws(() => readSystemdBootConstants(builder2311().replace(value, "other")), { instanceOf: Obstacle });
  });
}
