import test from "ava";
import { deviceTree } from "../../../src/devices/device-tree.ts";
import { presetTree } from "../../../src/devices/presets/presets.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import { bootMountsOf } from "../../../src/pipeline/plan/boot-mounts.ts";
import type { Partition } from "../../../src/devices/presets/choices.ts";

const presets: readonly (readonly [Partition, esp: readonly string[], xbootldr: readonly string[]])[] = [
  ["efi", ["/boot"], []],
  ["efixbootldr", ["/efi"], ["/boot"]],
  ["hybrid", ["/boot"], []],
  ["legacy+boot", [], []],
  ["legacy+gpt", [], []],
  ["legacy", [], []],
  ["none", [], []],
];

for (const [partition, esp, xbootldr] of presets) {
  test(`${partition}: ESP at ${esp.join() || "no place"}, extended boot loader partition at ${xbootldr.join() || "none"}`, (t) => {
    const guids = {
      rootGpuid: "F222513B-DED1-49FA-B591-20CE86A2FE7F",
      rootFsuid: "f222513b-ded1-49fa-b591-20ce86a2fe7f",
    };
    const tree = presetTree({ partition, bootSize: 256 * MiB, label: "nixos", filesystem: "ext4", ...guids });
    const mounts = bootMountsOf(tree);
    t.deepEqual([mounts.esp, mounts.xbootldr], [esp, xbootldr]);
    t.true(mounts.all.includes("/"));
  });
}

const fat = { type: "filesystem", format: "vfat", mountpoint: "/boot" };

const partitions: readonly (readonly [what: string, content: object, esp: readonly string[]])[] = [
  ["a type as a GUID in small letters", gpt("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", fat), ["/boot"]],
  ["msdos in an ESP, which firmware reads as well", gpt("EF00", { ...fat, format: "msdos" }), ["/boot"]],
  ["another type", gpt("0700", fat), []],
  ["ext4 in an ESP", gpt("EF00", { ...fat, format: "ext4" }), []],
  ["an ESP that is not mounted", gpt("EF00", { ...fat, mountpoint: null }), []],
  ["an encrypted ESP", gpt("EF00", { type: "luks", name: "boot", settings: { keyFile: "/key" }, content: fat }), []],
  ["parted's flag esp in a GPT", table("gpt", ["esp"]), ["/boot"]],
  ["no flag in a GPT", table("gpt", []), []],
  ["the flag esp in an MBR", table("msdos", ["esp"]), []],
];

for (const [what, content, esp] of partitions) {
  test(`${what}: ${esp.length === 0 ? "no place for systemd-boot" : "an ESP"}`, (t) => {
    const tree = deviceTree.parse({ disk: { main: { imageSize: String(GiB), content } } });
    t.deepEqual(bootMountsOf(tree).esp, esp);
  });
}

test("a flag that does not exist is refused, under the name that the layout gives the partition", (t) => {
  const content = { type: "table", format: "gpt", partitions: [{ end: "1MiB" }, { start: "1MiB", flags: ["esb"] }] };
  const tree = deviceTree.parse({ disk: { main: { content } } });
  t.throws(() => bootMountsOf(tree), { code: "BAD_REQUEST", message: /^partition 2: esb is no flag/ });
});

function gpt(type: string, content: object): object {
  return { type: "gpt", partitions: { boot: { type, size: "100M", content } } };
}

function table(format: "gpt" | "msdos", flags: readonly string[]): object {
  return { type: "table", format, partitions: [{ name: "boot", start: "1MiB", end: "100MiB", flags, content: fat }] };
}
