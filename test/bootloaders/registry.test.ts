import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { everyBootloader } from "../../src/bootloaders/registry.ts";
import { recogniseInstaller } from "../../src/bootloaders/recognise.ts";
import { memoryStore } from "./memory-store.ts";
import { files, system } from "./sample-system.ts";

test("each folder of a bootloader is registered by its name", (t) => {
  const folder = join(import.meta.dirname, "../../src/bootloaders");
  const folders = readdirSync(folder).filter((name) => existsSync(join(folder, name, "index.ts")));
  t.deepEqual(everyBootloader.map(([name]) => name).toSorted(), folders);
});

test("each has a name of its own", (t) => {
  const names = everyBootloader.map(([, { name }]) => name);
  t.deepEqual(names, [...new Set(names)]);
});

test("an installer is recognised by one bootloader at most", (t) => {
  const program = { path: "/nix/store/x-install-grub.sh", arguments: [], script: "#!/bin/sh\nexec install-grub.pl\n" };
  const knowing = everyBootloader.filter(([, { recognise }]) => recognise(program, system, memoryStore(files)));
  t.deepEqual(
    knowing.map(([name]) => name),
    ["grub"],
  );
  t.is(recogniseInstaller(system, memoryStore(files)).kind, "systemd-boot");
});
