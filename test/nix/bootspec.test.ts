import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { parseBootspec, readBootspec } from "../../src/nix/bootspec.ts";

const toplevel = "/nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-nixos-system-web";
const entry = {
  system: "x86_64-linux",
  toplevel,
  init: `${toplevel}/init`,
  kernel: "/nix/store/y7v2d1wqhw7mq0ab09lv8j9drhs3b44k-linux/bzImage",
  kernelParams: ["loglevel=4", "console=ttyS0"],
  label: "NixOS 25.05 (Linux 6.12)",
  initrd: "/nix/store/y7v2d1wqhw7mq0ab09lv8j9drhs3b44k-initrd/initrd",
};

function document(extra: object = {}): string {
  return JSON.stringify({ "org.nixos.bootspec.v1": entry, ...extra });
}

test("a bootspec with initrd, without secrets and specialisations", (t) => {
  t.deepEqual(parseBootspec(document(), "boot.json"), {
    ...entry,
    initrdSecrets: undefined,
    systemdBoot: { sortKey: undefined, devicetree: undefined },
    extraInitrds: [],
    specialisations: {},
  });
});

test("specialisations are whole documents, and systemd-boot has an extension in each", (t) => {
  const inner = {
    "org.nixos.bootspec.v1": { ...entry, label: "with GNOME", initrd: null },
    "org.nixos.systemd-boot": { sortKey: "gnome" },
  };
  const bootspec = parseBootspec(
    document({
      "org.nixos.specialisation.v1": { gnome: inner },
      "org.nixos.systemd-boot": { sortKey: "nixos", devicetree: null },
      "com.example": 1,
    }),
    "boot.json",
  );
  t.is(bootspec.systemdBoot.sortKey, "nixos");
  t.is(bootspec.specialisations["gnome"]?.label, "with GNOME");
  t.is(bootspec.specialisations["gnome"]?.initrd, undefined);
  t.is(bootspec.specialisations["gnome"]?.systemdBoot.sortKey, "gnome");
});

test("every fault is listed with its place", (t) => {
  const text = JSON.stringify({ "org.nixos.bootspec.v1": { ...entry, kernel: 1, label: undefined } });
  const error = t.throws(() => parseBootspec(text, "boot.json"), { instanceOf: MkimageError });
  t.is(error?.code, "NOT_A_SYSTEM");
  t.is(error?.details.length, 2);
  t.regex(error?.details.join("\n") ?? "", /org\.nixos\.bootspec\.v1 › kernel/);
});

test("what is not JSON is said to be so", (t) => {
  t.throws(() => parseBootspec("{", "/x/boot.json"), {
    instanceOf: MkimageError,
    message: /\/x\/boot\.json is not JSON/,
  });
});

test("a system without boot.json has no bootspec", (t) => t.is(readBootspec("/nowhere"), undefined));
