import test from "ava";
import type { Installer } from "../../src/bootloaders/installer.ts";
import { recogniseInstaller } from "../../src/bootloaders/recognise.ts";
import type { SystemdBootBuilder } from "../../src/bootloaders/systemd-boot/builder.ts";
import { SystemdBootHost } from "../../src/bootloaders/systemd-boot/host.ts";
import { builder2405, builder2505, copyExtraFiles, systemd } from "./systemd-boot/builders.ts";
import { memoryStore } from "./memory-store.ts";
import { storePath } from "./sample-paths.ts";
import { bootspec, builder, files, initrd, installer, kernel, secrets, system, toplevel } from "./sample-system.ts";

const switcher = `${toplevel}/bin/switch-to-configuration`;
const bash = `#!${storePath("bash")}/bin/bash\n`;
const install = `${storePath("coreutils")}/bin/install`;

function recognise(changes: Readonly<Record<string, string>> = {}, changedSystem = system) {
  return recogniseInstaller(changedSystem, memoryStore({ ...files, ...changes }));
}

function builderOf({ host }: Installer): SystemdBootBuilder | undefined {
  return host instanceof SystemdBootHost ? host.builder : undefined;
}

test("systemd-boot is recognised through its wrapper", (t) => {
  const found = recognise();
  t.is(found.kind, "systemd-boot");
  t.is(found.command, installer);
  t.like(builderOf(found), {
    path: builder,
    systemdVersion: 257,
    extraFiles: [],
    constants: { espMountPoint: "/boot" },
  });
});

test("systemd-boot is recognised without a wrapper, in a binary wrapper's variable, and behind links", (t) => {
  const binary = `\x7fELF\x02\0INSTALL_BOOTLOADER=${builder}\0`;
  t.truthy(recognise({ [switcher]: binary }).host);
  t.truthy(recognise({ [switcher]: "->/nix/store/wrapped", "/nix/store/wrapped": files[switcher] ?? "" }).host);
});

test("extra files are taken over, with the marks by which the builder knows them", (t) => {
  const source = storePath("memtest86+");
  const script = `${bash}${install} -Dp "${source}" "/boot/"efi/memtest.efi
${install} -D /dev/null "/boot//EFI/nixos/.extra-files/"efi/memtest.efi

`;
  const extraFiles = [
    { source, target: "/boot/efi/memtest.efi" },
    { target: "/boot/EFI/nixos/.extra-files/efi/memtest.efi" },
  ];
  t.deepEqual(builderOf(recognise({ [copyExtraFiles]: script, [source]: "x" }))?.extraFiles, extraFiles);
});

test("extra files in the form of older releases", (t) => {
  const source = storePath("x");
  const script = `${bash}empty_file=$(${storePath("coreutils")}/bin/mktemp)
${install} -Dp "${source}" "/boot/"'my file.efi'
${install} -D $empty_file "/boot/EFI/nixos/.extra-files/"'my file.efi'
`;
  const extraFiles = [{ source, target: "/boot/my file.efi" }, { target: "/boot/EFI/nixos/.extra-files/my file.efi" }];
  t.deepEqual(builderOf(recognise({ [copyExtraFiles]: script, [source]: "x" }))?.extraFiles, extraFiles);
});

const notTakenOver: readonly (readonly [what: string, changes: Readonly<Record<string, string>>, reason: RegExp])[] = [
  [
    "extraInstallCommands",
    { [installer]: `${files[installer]}cp /a /boot/b\n` },
    /extraInstallCommands: cp \/a \/boot\/b/,
  ],
  [
    "commands before the builder",
    { [installer]: `${bash}mount /boot\n${builder} "$@"\n` },
    /extraInstallCommands: mount/,
  ],
  ["an unknown constant", { [builder]: builder2505().replace("FILE =", "TRIES = 3\nFILE =") }, /constant TRIES/],
  [
    "an extra file that is missing",
    { [copyExtraFiles]: `${install} -Dp "/nix/store/gone" "/boot/x"` },
    /\/nix\/store\/gone.*is no file/,
  ],
  [
    "an extra file from elsewhere",
    { [copyExtraFiles]: `${install} -Dp "/etc/x" "/boot/x"`, "/etc/x": "" },
    /not in the store/,
  ],
  [
    "an extra file on another filesystem",
    { [copyExtraFiles]: `${install} -D /dev/null "/srv/x"` },
    /\/srv\/x is on neither/,
  ],
  ["an extra file that leaves", { [copyExtraFiles]: `${install} -D /dev/null "/boot/../x"` }, /leave their folder/],
  ["other commands for extra files", { [copyExtraFiles]: "rm -rf /boot/x" }, /a line that mkimage does not know: rm/],
  [
    "initrd secrets",
    { [secrets]: "#!/bin/sh\nif x; then\n  exit 0\nfi\nmkdir -p $tmp\nexit 0\n" },
    /boot\.initrd\.secrets/,
  ],
  ["an old systemd", { [builder]: builder2405().replaceAll("257.6", "249.1") }, /252 and later/],
  [
    "a systemd without a boot loader",
    { [`${systemd}/lib/systemd/boot/efi/systemd-bootx64.efi`]: "->gone" },
    /is no file/,
  ],
  ["a kernel that is missing", { [kernel]: "->gone" }, /bzImage.*is no file/],
  ["a kernel outside the store", { [kernel]: "->/boot/kernel", "/boot/kernel": "" }, /not in the store/],
];

for (const [what, changes, reason] of notTakenOver) {
  test(`systemd-boot is left to its builder: ${what}`, (t) => {
    const found = recognise(changes);
    t.is(found.kind, "systemd-boot");
    t.is(found.host, undefined);
    t.regex(found.host === undefined ? found.reason : "", reason);
  });
}

const bootspecs = [
  ["no boot.json", undefined, /no boot\.json/],
  ["no initrd", { ...bootspec, initrd: undefined }, /no initrd/],
  ["another system's boot.json", { ...bootspec, init: "/nix/store/other/init" }, /another system/],
  ["another machine", { ...bootspec, system: "aarch64-linux" }, /no systemd-boot for aarch64-linux/],
  [
    "a specialisation with secrets",
    { ...bootspec, specialisations: { a: { ...bootspec, initrdSecrets: initrd } } },
    /boot\.initrd\.secrets/,
  ],
] as const;

for (const [what, changed, reason] of bootspecs) {
  test(`systemd-boot is left to its builder: ${what}`, (t) => {
    const found = recognise({}, { toplevel, bootspec: changed });
    t.regex(found.host === undefined ? found.reason : "", reason);
  });
}

const others: readonly (readonly [what: string, command: string, script: string, kind: string, reason: RegExp])[] = [
  [
    "GRUB",
    storePath("install-grub.sh"),
    `${bash}perl ${storePath("install-grub.pl")} ${storePath("grub-config.xml")} $@`,
    "grub",
    /GRUB/,
  ],
  ["extlinux", `${storePath("extlinux-conf-builder.sh")} -g 20 -t 5 -c`, bash, "extlinux", /extlinux/],
  ["limine", storePath("limine-install.py"), "#!/usr/bin/python3", "limine", /limine/],
  ["rEFInd", storePath("refind-install"), "#!/usr/bin/python3", "unknown", /does not know its installer/],
  ["a binary", storePath("x"), "\x7fELF\0", "unknown", /no script/],
  ["a script of one's own", storePath("x"), `${bash}echo`, "unknown", /does not know its installer/],
  [
    "no bootloader",
    storePath("x"),
    `${bash}echo 'Warning: do not know how to make this configuration bootable'`,
    "none",
    /no bootloader/,
  ],
];

for (const [what, command, script, kind, reason] of others) {
  test(`another installer: ${what}`, (t) => {
    const program = `#!/bin/sh\nexport INSTALL_BOOTLOADER='${command}'\n`;
    const found = recognise({ [switcher]: program, [command.split(" ")[0] ?? ""]: script });
    t.is(found.kind, kind as typeof found.kind);
    t.regex(found.host === undefined ? found.reason : "", reason);
  });
}

test("no installer", (t) => {
  const echo = "echo '\\''Warning: do not know how to make this configuration bootable.'\\'' 1>&2; true";
  t.like(recognise({ [switcher]: `export INSTALL_BOOTLOADER='${echo}'\n` }), {
    kind: "none",
    reason: "the system has no bootloader",
  });
  t.is(recognise({ [switcher]: "#!/bin/sh\n" }).kind, "unknown");
  t.like(recogniseInstaller(system, memoryStore({})), { kind: "none", command: undefined });
});
