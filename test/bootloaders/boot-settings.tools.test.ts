import test from "ava";
import { rmSync } from "node:fs";
import { findBootDevices, parseBootDevices, storeFilesIn } from "../../src/bootloaders/boot-settings.ts";
import { derivation, nixBuild, scratchFolder, useOfflineNix } from "../nix/nix.ts";

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const installer = "/nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-install-grub.sh";

test("a program inside a store path is named whole", (t) => {
  t.deepEqual(storeFilesIn(`exec ${installer}/bin/a "${installer}" ${installer}/bin/a;`), [
    `${installer}/bin/a`,
    installer,
  ]);
});

test("GRUB's devices are read from builtins.toXML, entities decoded", (t) => {
  const xml = `<?xml version='1.0' encoding='utf-8'?>
<expr>
  <attrs>
    <attr name="devices">
      <list>
        <string value="/dev/disk/by-id/ata-&quot;A&amp;B&quot;" />
        <string value="/dev/sd&#x62;" />
      </list>
    </attr>
    <attr name="extraConfig"><string value="x" /></attr>
  </attrs>
</expr>`;
  t.deepEqual(parseBootDevices(xml), ['/dev/disk/by-id/ata-"A&B"', "/dev/sdb"]);
});

test("limine's device is read from JSON", (t) => {
  t.deepEqual(parseBootDevices('{"biosSupport":true,"biosDevice":"/dev/disk/by-id/x\\"y","efiSupport":false}'), [
    '/dev/disk/by-id/x"y',
  ]);
});

test("other texts name no devices", (t) =>
  t.deepEqual(parseBootDevices("#!/bin/sh\nexec grub-install /dev/vda\n"), []));

test("the devices of a built system are found through its installer, each once, without nodev", (t) => {
  const settings = (name: string, devices: string) =>
    `builtins.toFile "${name}" (builtins.toXML { devices = [ ${devices} ]; fsIdentifier = "uuid"; })`;
  const toplevel = nixBuild(
    scratch,
    `let
      first = ${settings("grub-config.xml", '"/dev/disk/by-id/one" "/dev/disk/by-id/two"')};
      second = ${settings("grub-config-2.xml", '"/dev/disk/by-id/two" "nodev"')};
      perl = builtins.toFile "install-grub.pl" "#!/usr/bin/perl";
      install = builtins.toFile "install-grub.sh" "#!/bin/sh\\n\${perl} \${first} $@\\n\${perl} \${second} $@\\n";
    in ${derivation("nixos-system-grub", "mkdir -p $out/bin; echo INSTALL_BOOTLOADER=${install} > $out/bin/switch-to-configuration")}`,
  );
  t.deepEqual(findBootDevices(toplevel), ["/dev/disk/by-id/one", "/dev/disk/by-id/two"]);
  t.deepEqual(findBootDevices(nixBuild(scratch, derivation("nixos-system-none", "mkdir $out"))), []);
});
