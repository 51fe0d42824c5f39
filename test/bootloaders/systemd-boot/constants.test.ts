import test from "ava";
import { Obstacle } from "../../../src/bootloaders/systemd-boot/obstacle.ts";
import {
  readSystemdBootConstants,
  type SystemdBootConstants,
} from "../../../src/bootloaders/systemd-boot/constants.ts";
import {
  builder2311,
  builder2405,
  builder2411,
  builder2505,
  builder2605,
  copyExtraFiles,
  systemd,
} from "./builders.ts";

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
  entryNames: "generation",
  bootCountingTries: undefined,
  sortKeys: true,
  extraInitrds: false,
  devicetree: "written",
};

test("the constants of each release", (t) => {
  t.deepEqual(readSystemdBootConstants(builder2605()), { ...usual, entryNames: "content", extraInitrds: true });
  t.deepEqual(readSystemdBootConstants(builder2505()), usual);
  t.deepEqual(readSystemdBootConstants(builder2411()), usual);
  const of2405 = { ...usual, namesByStorePath: false, devicetree: "ignored" } as const;
  t.deepEqual(readSystemdBootConstants(builder2405()), of2405);
  t.deepEqual(readSystemdBootConstants(builder2311()), { ...of2405, nixosFolder: "efi/nixos", sortKeys: false });
});

for (const [release, builder] of Object.entries({
  builder2605,
  builder2505,
  builder2411,
  builder2405,
  builder2311,
})) {
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

test("counted boots", (t) => {
  const program = builder2605({ bootCounting: "True", bootCountingTries: "5" });
  t.is(readSystemdBootConstants(program).bootCountingTries, "5");
});

test("a device tree that would lack its slash is not known", (t) => {
  const program = builder2505().replace('f"devicetree /{devicetree}\\n"', '"devicetree %s\\n" % devicetree');
  t.is(readSystemdBootConstants(program).devicetree, "unknown");
});

type Change = readonly [change: string, from: string | RegExp, to: string, reason: RegExp];

const refusedOf2505: readonly Change[] = [
  ["a constant of a later release", "FILE = None", "SIGNING_KEY = True\nFILE = None", /a constant SIGNING_KEY/],
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

const refusedOf2605: readonly Change[] = [
  ["another order of an entry's lines", /( +f"version .*\n)( +f"linux .*\n)/, "$2$1", /the lines "title linux version/],
  ["another line in an entry", / +f"sort-key/, 'f"architecture x64",\n$&', /devicetree architecture sort-key/],
  ["entries that end with a line end", "filter(None, lines)", "lines", /put an entry together/],
  ["another hash", "contents_hash = hashlib.sha256(contents)", "contents_hash = md5(contents)", /hash entries/],
  ["another name of entries", "{prefix}{counters}.conf", "{prefix}.conf", /name entries/],
  ["another way to count boots", 'f"+{BOOT_COUNTING_TRIES}"', '"+3"', /count boots/],
  ["other kernel parameters", '[f"init={spec.init}"]', '["quiet"]', /write kernel parameters/],
  ["another name of initrds", "{digest}-initrd.efi", "{digest}.efi", /name initrds with secrets/],
  ["another hash of initrds", "str(place(secrets))", "secrets.digest", /hash initrds with secrets/],
  ["another default", 'f"default {chosen}', 'f"default @saved', /choose the default entry/],
  ["another preference", 'f.write("default nixos-*\\n")', "pass", /prefer entries whose boots are counted/],
  [
    "tries that are no text",
    'BOOT_COUNTING = "False" == "True"',
    "BOOT_COUNTING = None",
    /no yes or no for BOOT_COUNTING/,
  ],
];

for (const [release, builder, changes] of [
  ["25.05", builder2505, refusedOf2505],
  ["26.05", builder2605, refusedOf2605],
] as const) {
  for (const [change, from, to, reason] of changes) {
    test(`not taken over: ${release} with ${change}`, (t) => {
      const program = builder().replace(from, to);
      t.not(program, builder());
      t.throws(() => readSystemdBootConstants(program), { instanceOf: Obstacle, message: reason });
    });
  }
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
