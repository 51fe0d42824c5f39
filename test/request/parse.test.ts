import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { parseContentsFlag } from "../../src/request/contents.ts";
import { requestFlags, requestJsonSchema } from "../../src/request/flags.ts";
import { parseRequest, type RawRequest } from "../../src/request/parse.ts";
import { installsBootLoader } from "../../src/request/whole-system.ts";

function faults(config: RawRequest, flags: RawRequest = {}): readonly string[] {
  try {
    parseRequest(config, flags);
  } catch (error) {
    if (error instanceof MkimageError) return error.details;
    throw error;
  }
  return [];
}

test("the defaults are those of make-disk-image", (t) => {
  const request = parseRequest({}, {});
  t.like(request, {
    format: "raw",
    size: "auto",
    additionalSpace: 512 * MiB,
    bootSize: 256 * MiB,
    memSize: 1024,
    touchEfiVars: false,
    onlyNixStore: false,
    deterministic: true,
    baseName: "nixos",
    name: "nixos-disk-image",
    rootGpuid: "F222513B-DED1-49FA-B591-20CE86A2FE7F",
    // The system has a say in these.
    partition: undefined,
    fsType: undefined,
    label: undefined,
    rootFsuid: undefined,
  });
  t.true(installsBootLoader(request));
});

test("the store-only example of nixpkgs' manual is a legal request", (t) => {
  const request = parseRequest(
    {},
    {
      format: "qcow2",
      onlyNixStore: true,
      partition: "none",
      installBootLoader: false,
      touchEfiVars: false,
      additionalSpace: "0M",
      additionalPaths: ["/nix/store/x"],
    },
  );
  t.like(request, { onlyNixStore: true, additionalSpace: 0 });
  t.false(installsBootLoader(request));
});

test("the full example of nixpkgs' manual is a legal request", (t) => {
  const flags = { format: "qcow2", partition: "legacy+gpt", installBootLoader: true, touchEfiVars: true };
  t.like(parseRequest({}, { ...flags, additionalSpace: "0M", memSize: 2048 }), { touchEfiVars: true, memSize: 2048 });
});

test("flags win over the config file", (t) => {
  t.like(parseRequest({ format: "vdi", memSize: 2048 }, { format: "vpc" }), { format: "vpc", memSize: 2048 });
});

test("a size without suffix counts MiB, as in make-disk-image", (t) => {
  t.is(parseRequest({ size: 8192 }, {}).size, 8192 * MiB);
  t.is(parseRequest({}, { size: "10" }).size, 10 * MiB);
  t.is(parseRequest({}, { bootSize: "256MiB" }).bootSize, 256 * MiB);
});

const badRequests: readonly [string, RawRequest, readonly RegExp[]][] = [
  [
    "an unknown key, with the one that was meant",
    { bootsize: "1M" },
    [/bootsize: unknown key; did you mean bootSize\?/],
  ],
  ["a value that is no choice", { partition: "uefi" }, [/partition: .*legacy.*given: "uefi"/]],
  [
    "a script without disks",
    { partition: "efi", diskoScript: "auto" },
    [/diskoScript: makes the disks of a device tree/],
  ],
  [
    "a password for a script, which nobody types",
    { devices: "disk.json", diskoScript: "auto", secret: ["a=b"] },
    [/secret: nobody types it for a script; .*passwordFile/],
  ],
  ["a size that is none", { size: "8 apples" }, [/size: .*not a size.*given: "8 apples"/]],
  ["a UUID that is none", { rootFsuid: "12" }, [/rootFsuid: .*UUID/]],
  [
    "variables on a layout that has none",
    { partition: "legacy", touchEfiVars: true },
    [/touchEfiVars: not with .*legacy/],
  ],
  ["variables and no installer", { partition: "efi", touchEfiVars: true, installBootLoader: false }, [/touchEfiVars/]],
  ["store only, with contents", { onlyNixStore: true, configFile: "x" }, [/onlyNixStore: .*configFile/]],
  [
    "store only, with a bootloader",
    { onlyNixStore: true, installBootLoader: true },
    [/onlyNixStore: .*installBootLoader/],
  ],
  ["an owner without group", { contents: [{ source: "a", target: "/a", user: "root" }] }, [/contents: .*both.*\/a/]],
  ["contents outside the image", { contents: [{ source: "a", target: "a" }] }, [/contents\[0\]\.target: .*absolute/]],
  ["contents that climb out", { contents: [{ source: "a", target: "/../a" }] }, [/contents\[0\]\.target/]],
  ["an attribute of nothing", { attr: "x" }, [/attr: .*file/]],
  ["a boot partition without room", { partition: "efi", bootSize: "8M" }, [/bootSize: .*12M/]],
  ["a base name with a slash", { baseName: "a/b" }, [/baseName: .*slash/]],
  ["a base name with a line break", { baseName: "a\nfile evil x" }, [/baseName: .*control character/]],
  ["an output with a line break", { out: "a\nfile evil x" }, [/out: .*control characters/]],
  [
    "nixos-install for what is no system",
    { installer: "nixos-install", root: "x" },
    [/installer: nixos-install installs a whole NixOS system .*drop root$/],
  ],
  [
    "nixos-install beside what it leaves no room for",
    { installer: "nixos-install", onlyNixStore: true, engine: "host", capture: ["/etc/x"] },
    [/installer: .*drop onlyNixStore, engine host, capture$/],
  ],
  ["an installer that is none", { installer: "nixos-instal" }, [/installer/]],
  ["a root tree and a Nix file", { root: "x", file: "y" }, [/root: .*file/]],
  ["memory that no kernel starts in", { memSize: 16 }, [/memSize: .*128/]],
];

for (const [what, flags, expected] of badRequests) {
  test(`refused: ${what}`, (t) => {
    const found = faults(flags);
    t.is(found.length, expected.length, found.join("\n"));
    expected.forEach((pattern, index) => t.regex(found[index] ?? "", pattern));
  });
}

test("all faults come in one message", (t) => {
  t.is(faults({ partition: "x", format: "y", memSize: "z", nonsense: 1 }).length, 4);
});

test("contents are written as pairs or as JSON", (t) => {
  const content = { source: "./a b", target: "/etc/a", mode: "0600", user: "alice", group: "users" };
  t.deepEqual(parseContentsFlag("source=./a b,target=/etc/a,mode=0600,user=alice,group=users"), content);
  t.deepEqual(parseContentsFlag(JSON.stringify(content)), content);
  t.throws(() => parseContentsFlag("./a:/b"), { instanceOf: MkimageError, message: /part without key/ });
  t.throws(() => parseContentsFlag("{nope"), { instanceOf: MkimageError, message: /not JSON/ });
});

test("every key of the schema is a flag with a description", (t) => {
  const keys = Object.keys((requestJsonSchema() as { properties: object }).properties);
  t.deepEqual(
    requestFlags().map((flag) => flag.key),
    keys,
  );
  for (const flag of requestFlags()) t.not(flag.description, "", flag.name);
});

const written: readonly [string, RawRequest, RawRequest, string][] = [
  [
    "flags as flags",
    {},
    { onlyNixStore: true, configFile: "x", installBootLoader: true },
    "--only-nix-store: the image holds store paths only; drop --config-file, --install-boot-loader",
  ],
  [
    "keys of a file as keys",
    { onlyNixStore: true, configFile: "x" },
    {},
    "onlyNixStore: the image holds store paths only; drop configFile",
  ],
  [
    "each as it is written",
    { onlyNixStore: true },
    { configFile: "x" },
    "onlyNixStore: the image holds store paths only; drop --config-file",
  ],
  ["what is missing as a flag", {}, { attr: "x" }, "--attr: names an attribute of a Nix file; give --file as well"],
  [
    "what is missing beside a file as a key",
    { attr: "x" },
    {},
    "attr: names an attribute of a Nix file; give file as well",
  ],
];

for (const [what, config, flags, expected] of written) {
  test(`options are named as they are written: ${what}`, (t) => {
    t.deepEqual(faults(config, flags), [expected]);
  });
}

test("a value of a flag that is none is named by the flag, and by its place in a list", (t) => {
  t.regex(faults({}, { rootFsuid: "12" }).join(), /^--root-fsuid: .*given: "12"\)$/);
  t.regex(
    faults({}, { devices: "x", imageSize: ["8G", "8Q"] }).join(),
    /^--image-size\[1\]: .*DISK=SIZE.*given: "8Q"\)$/,
  );
});

test("sizes of disks and files of passwords are read once, at the edge", (t) => {
  const { imageSize, secret } = parseRequest(
    {},
    { devices: "x", imageSize: ["8G", "a=b=auto"], secret: ["root=/k=1"] },
  );
  t.deepEqual(imageSize, [
    { disk: undefined, imageSize: "8G" },
    { disk: "a=b", imageSize: "auto" },
  ]);
  t.deepEqual(secret, [{ name: "root", file: "/k=1" }]);
});

test("a label has the room that its filesystem has for it", (t) => {
  t.deepEqual(faults({ label: "x".repeat(16) }), []);
  t.deepEqual(faults({ label: "x".repeat(17) }), [
    `label: the label "${"x".repeat(17)}" has 17 bytes, and 16 are the most with ext4`,
  ]);
  t.deepEqual(faults({ label: "x".repeat(13), fsType: "xfs" }), [
    `label: the label "${"x".repeat(13)}" has 13 bytes, and 12 are the most with xfs`,
  ]);
  t.deepEqual(faults({ label: "x".repeat(255), fsType: "btrfs" }), []);
});
