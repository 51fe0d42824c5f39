import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";
import { buildFixtures } from "./fixtures-build.ts";
import { variantNames } from "../../src/variants/registry.ts";
import { nixes } from "../nix/nixes.ts";
import { makeNixScene, type NixScene } from "./nix-scene.ts";
import { isLong } from "../together/is-long.ts";

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let installed: NixScene;
let scene: NixScene;
test.before(() => {
  installed = makeNixScene(folder);
  scene = installed;
});

/** A test of what is evaluated, for each Nix. */
function testEvaluation(title: string, body: (t: ExecutionContext) => void): void {
  for (const nix of nixes) {
    test.serial(`${title} (${nix.name} Nix)`, (t) => {
      scene = installed.by(nix);
      body(t);
      scene = installed;
    });
  }
}

/** A flake of a user's, whose `packages` are these; `image` is our function, given the configuration of a variant. */
function flakeWith(t: ExecutionContext, packages: string, outputs = ""): string {
  const place = join(testFolder(t), "user");
  mkdirSync(place);
  writeFileSync(
    join(place, "flake.nix"),
    `{
      inputs.nixpkgs.url = "path:${scene.nixpkgs}";
      inputs.mkimage = { url = "path:${scene.clone}"; inputs.nixpkgs.follows = "nixpkgs"; };
      inputs.demo.url = "path:${buildFixtures("--flake")[0]}";
      outputs = { nixpkgs, mkimage, demo, ... }: let
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        demoToplevel = demo.nixosConfigurations.systemd-boot.config.system.build.toplevel;
        nixos = { version = "24.11.demo"; versionSuffix = ".demo"; };
        configOf = { config, ... }: config // { system = config.system // { inherit nixos; }; };
        image = variant: arguments: mkimage.lib.makeDiskImage ({
          inherit pkgs;
          inherit (nixpkgs) lib;
          config = configOf demo.nixosConfigurations.\${variant};
        } // arguments);
      in { packages.x86_64-linux = { ${packages} }; ${outputs} };
    }`,
  );
  return place;
}

/** Sets of Nix have their names in order. */
function inNixOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, inNixOrder(inner)]));
}

function buildImage(t: ExecutionContext, arguments_: string): string {
  return buildPackage(t, `image ${arguments_}`);
}

/** The output of a derivation. */
function buildPackage(t: ExecutionContext, expression: string): string {
  const place = flakeWith(t, `default = ${expression};`);
  const link = join(place, "../result");
  scene.run("nix", "build", `path:${place}`, "--no-write-lock-file", "--out-link", link);
  return scene.run("readlink", "-f", link).trim();
}

/** Has the other Nixes build the same again, in their sandboxes: they fail where one byte is another. */
function buildImageAgain(t: ExecutionContext, arguments_: string): void {
  for (const nix of nixes.slice(1)) {
    const place = flakeWith(t, `default = image ${arguments_};`);
    scene.by(nix).run("nix", "build", `path:${place}`, "--no-write-lock-file", "--no-link", "--rebuild");
  }
}

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

const noChannel = "copyChannel = false;";

for (const [what, variant, arguments_, flags, file] of [
  [
    "laid out by the host, as qcow2",
    "systemd-boot",
    `partitionTableType = "efi"; format = "qcow2"; additionalSpace = "64M";`,
    ["--partition", "efi", "--format", "qcow2", "--additional-space", "64M"],
    "nixos.qcow2",
  ],
  [
    "whose GRUB a guest installs",
    "grub",
    `partitionTableType = "legacy+gpt"; diskSize = 400; baseName = "demo";`,
    ["--partition", "legacy+gpt", "--size", "400M", "--base-name", "demo"],
    "demo.img",
  ],
] as const) {
  test.serial(`an image ${what}, has the same bytes out of Nix's sandbox and by the command line`, async (t) => {
    const built = join(buildImage(t, `"${variant}" { ${noChannel} ${arguments_} }`), file);
    const out = join(testFolder(t), "out");
    await mkimage(t, ["build", demoSystem(variant), ...flags, "--out", out]);
    t.is(sha256(built), sha256(join(out, file)));
    const products = readFileSync(join(built, "../nix-support/hydra-build-products"), "utf8");
    t.is(products, `file ${file.endsWith("img") ? "raw" : "qcow2"}-image ${built}\n`);
    if (variant === "systemd-boot")
      t.notThrows(() => buildImageAgain(t, `"${variant}" { ${noChannel} ${arguments_} }`));
  });
}

test.serial("what a guest's own programs make is made in the sandbox too", (t) => {
  const wish = 'partitionTableType = "efi"; fsType = "xfs"; installBootLoader = false; additionalSpace = "1M";';
  const built = buildImage(t, `"systemd-boot" { ${noChannel} ${wish} }`);
  t.is(
    judge("blkid", "-p", "-O", `${256 * 1024 ** 2}`, "-o", "value", "-s", "TYPE", join(built, "nixos.img")),
    "xfs\n",
  );
});

if (isLong) {
  test.serial("variables that the bootloader writes are beside the image", (t) => {
    const wish = 'partitionTableType = "efi"; touchEFIVars = true;';
    const built = buildImage(t, `"systemd-boot-variables" { ${noChannel} ${wish} }`);
    t.true(readFileSync(join(built, "efi-vars.fd"), "latin1").includes("L\0i\0n\0u\0x\0"), "the entry's name");
  });

  test.serial("a system installs itself in the sandbox, where every program is in the store", async (t) => {
    const wish = 'partitionTableType = "efi"; settings.installer = "nixos-install";';
    const built = buildImage(t, `"systemd-boot-installer" { ${noChannel} ${wish} }`);
    t.false(reportOf(built).reproducible);
    t.like(await bootDemo(join(built, "nixos.img"), "efi"), { variant: "systemd-boot-installer" });
  });
}

test.serial("contents, a configuration, a channel and a hook are those of make-disk-image", (t) => {
  const built = buildImage(
    t,
    `"systemd-boot" {
      partitionTableType = "none"; installBootLoader = false; label = "demo"; additionalSpace = "1M";
      configFile = pkgs.writeText "configuration.nix" "{ }";
      contents = [ { source = pkgs.writeText "motd" "welcome"; target = "/etc/motd"; mode = "0600"; user = null; } ];
      additionalPaths = [ (pkgs.writeText "further" "further") ];
      reproducible = true; populateRootWith = "mke2fs"; rootFSHashSeed = "any";
      postVM = ''mv $diskImage $out/renamed.img'';
    }`,
  );
  const image = join(built, "renamed.img");
  const debugfs = (question: string) => judge("debugfs", "-R", question, image);
  t.is(debugfs("cat /etc/motd"), "welcome");
  t.regex(debugfs("stat /etc/motd"), /Mode: {2}0600/);
  t.is(debugfs("cat /etc/nixos/configuration.nix"), "{ }");
  t.regex(debugfs("ls /nix/store"), /-further /);
  const channel = `/nix/store/${/\S+-nixos-24\.11\.demo/.exec(debugfs("ls /nix/store"))?.[0]}`;
  t.is(debugfs("cat /nix/var/nix/profiles/per-user/root/channels-1-link"), channel);
  t.regex(debugfs(`ls ${channel}/nixos`), /nixpkgs.*\.version-suffix|\.version-suffix.*nixpkgs/s);
  t.is(readFileSync(join(built, "nix-support/hydra-build-products"), "utf8"), `file raw-image ${image}\n`);
});

test.serial("the log of a build has whole lines, and the derivation wants no feature and keeps no references", (t) => {
  const place = flakeWith(t, `default = image "systemd-boot" { ${noChannel} partitionTableType = "efi"; };`);
  const words = [`path:${place}`, "--no-write-lock-file"];
  scene.run("nix", "build", ...words, "--no-link");
  t.regex(scene.run("nix", "log", ...words), /^Writing the image \([\d.]+ s\)$/m);
  const derivations = JSON.parse(scene.run("nix", "show-derivation", ...words)) as Record<
    string,
    { env: { __json: string } }
  >;
  const attributes = JSON.parse(Object.values(derivations)[0]?.env.__json ?? "") as Record<string, unknown>;
  t.deepEqual(attributes["unsafeDiscardReferences"], { out: true });
  t.is(attributes["requiredSystemFeatures"], undefined);
});

test.serial(
  "a system's own disko.devices are made into images, a file each, with what its imageBuilder says",
  async (t) => {
    const devices = readFileSync(join(import.meta.dirname, "../../fixtures/devices/boot-ext4-swap.json"), "utf8");
    const built = buildPackage(
      t,
      `let
      base = demo.nixosConfigurations.ext4-swap;
      plain = builtins.fromJSON ''${devices}'';
      # As disko evaluates it: with machinery of its own, and a size of 2G.
      devices = plain // { disk.main = plain.disk.main // { imageSize = "2G"; optionOfANewerDisko = null; _create = throw "not looked at"; }; };
      tool = pkgs.runCommand "tool" { } ''
        mkdir -p $out/bin
        printf '#!%s\\necho said by a tool of the hook\\n' \${pkgs.runtimeShell} >$out/bin/tool
        chmod +x $out/bin/tool
      '';
      imageBuilder = {
        name = "demo-images"; imageFormat = "qcow2"; extraConfig.networking.domain = "image";
        extraPostVM = "tool >$out/said"; extraDependencies = [ tool ];
      };
      configWith = more: { config = base.config // { disko = { inherit devices imageBuilder; }; } // more; };
      nixosConfig = configWith { system = throw "of the machine and not of the image"; } // {
        extendModules = { modules }: configWith (builtins.head modules);
      };
    in mkimage.lib.makeDiskoImages { inherit pkgs nixosConfig; settings.additionalSpace = "8M"; }`,
    );
    t.regex(built, /-demo-images$/);
    t.is(readFileSync(join(built, "said"), "utf8"), "said by a tool of the hook\n");
    const file = join(testFolder(t), "devices.json");
    writeFileSync(file, JSON.stringify(inNixOrder(JSON.parse(devices))));
    const out = join(testFolder(t), "out");
    const flags = ["--devices", file, "--format", "qcow2", "--additional-space", "8M"];
    await mkimage(t, ["build", demoSystem("ext4-swap"), ...flags, "--out", out]);
    t.is(sha256(join(built, "main.qcow2")), sha256(join(out, "main.qcow2")));
  },
);

testEvaluation("what makeDiskoImages cannot do is named before anything is built", (t) => {
  const config = "(builtins.head (builtins.attrValues demo.nixosConfigurations)).config";
  const wish = `nixosConfig.config = ${config} // { disko.imageBuilder.copyNixStore = false; };`;
  const error = t.throws(() =>
    buildPackage(t, `mkimage.lib.makeDiskoImages { inherit pkgs; ${wish} settings.x = 1; }`),
  );
  for (const fault of ["nixosConfig: it has no disko.devices", "disko.imageBuilder.copyNixStore: ", "settings.x: "])
    t.true(error?.message.includes(`\n       ${fault}`), fault);
});

/** A system of the stand-in's `nixosSystem`, with our module and this one. */
const systemWith = (module: string) => `nixpkgs.lib.nixosSystem {
  modules = [ mkimage.nixosModules.default { system.build.toplevel = demoToplevel; } (${module}) ];
}`;

test.serial("the module has the options of a build, and system.build.mkimage is the image", async (t) => {
  const module = `{ lib, ... }: {
    mkimage = {
      partition = "efi"; additionalSpace = "8M"; memSize = 512; sectorSize = 4096; format = lib.mkForce "qcow2"; bootSize = 300;
      contents = [ { source = ./flake.nix; target = "/etc/flake.nix"; mode = "0600"; } ];
    };
    imports = [ { mkimage.format = "vdi"; mkimage.touchEfiVars = lib.mkIf false true; } ];
  }`;
  const place = flakeWith(t, `default = (${systemWith(module)}).config.system.build.mkimage;`);
  const link = join(place, "../result");
  scene.run("nix", "build", `path:${place}`, "--no-write-lock-file", "--out-link", link);
  const out = join(testFolder(t), "out");
  const flags = ["--partition", "efi", "--format", "qcow2", "--additional-space", "8M", "--sector-size", "4096"];
  const contents = ["--boot-size", "300M", "--contents", `source=${place}/flake.nix,target=/etc/flake.nix,mode=0600`];
  await mkimage(t, ["build", demoSystem("systemd-boot"), ...flags, ...contents, "--out", out]);
  t.is(sha256(join(link, "nixos.qcow2")), sha256(join(out, "nixos.qcow2")));
});

test.serial("a system with disko.devices has images of those, unless a partition table is set", (t) => {
  const disks = `{ lib, ... }: {
    options.disko.devices = lib.mkOption { type = lib.types.raw; };
    config.disko.devices.disk.main = {
      device = "/dev/sda"; imageName = "own"; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; };
    };
    config.mkimage = { additionalSpace = "1M"; installBootLoader = false; };
  }`;
  const built = buildPackage(t, `(${systemWith(disks)}).config.system.build.mkimage`);
  t.is(readFileSync(join(built, "nix-support/hydra-build-products"), "utf8"), `file raw-image ${built}/own.img\n`);
});

test.serial("the module takes a device tree that Nix writes", (t) => {
  const migrating = readFileSync(join(import.meta.dirname, "../../docs/migrating.md"), "utf8");
  const example = /```nix\n(mkimage\.devices = .*?)```/s.exec(migrating)?.[1];
  const module = `{ pkgs, ... }: { ${example} mkimage.additionalSpace = "1M"; mkimage.format = "qcow2"; }`;
  const built = buildPackage(t, `(${systemWith(module)}).config.system.build.mkimage`);
  t.notThrows(() => judge("qemu-img", "check", join(built, "main.qcow2")));
});

test.serial("there is a variant of images for each partition table and cloud, for nixos-rebuild build-image", (t) => {
  const module = '{ mkimage.additionalSpace = "1M"; mkimage.format = "qcow2"; }';
  const place = flakeWith(
    t,
    `default = let inherit (${systemWith(module)}) config; image = config.system.build.images.mkimage-efi; in pkgs.runCommand "variant" { } ''
      test -s \${image}/\${image.passthru.filePath}
      echo \${toString (builtins.attrNames config.system.build.images)} \${image.passthru.filePath} >$out
    '';`,
  );
  const link = join(place, "../result");
  scene.run("nix", "build", `path:${place}`, "--no-write-lock-file", "--out-link", link);
  const tables = ["efi", "efixbootldr", "hybrid", "legacy", "legacy+boot", "legacy+gpt"];
  const names = [...tables, ...variantNames].map((name) => `mkimage-${name}`).toSorted();
  t.is(readFileSync(link, "utf8").trim(), [...names, "nixos-image-demo.qcow2"].join(" "));
});

test.serial(
  "a variant of nixpkgs' is made of its own system, as a derivation, in a fleet and at the command line",
  async (t) => {
    const raw = "lib.mkOption { type = lib.types.raw; default = null; }";
    const module = `{ lib, ... }: {
    options.virtualisation = { diskSize = ${raw}; googleComputeImage = ${raw}; };
    config.image.modules.google-compute = { modulesPath, lib, pkgs, ... }: {
      imports = [ (modulesPath + "/image/file-options.nix") ];
      image = { extension = "raw.tar.gz"; baseName = "nixos-image-web"; };
      virtualisation = { diskSize = 2048; googleComputeImage.efi = true; };
      boot.loader.systemd-boot.enable = true;
      system.build.image = pkgs.writeText "image" "of nixpkgs";
    };
    config.system.build.toplevel = lib.mkOverride 200 (throw "of the machine and not of the image");
  }`;
    const own = "lib.mkForce demoToplevel";
    const system = `nixpkgs.lib.nixosSystem { modules = [ mkimage.nixosModules.default (${module}) {
    image.modules.google-compute = { lib, ... }: { system.build.toplevel = ${own}; };
  } ]; }`;
    const place = flakeWith(
      t,
      `
      variant = (${system}).config.system.build.images.mkimage-google-compute;
      inherit (mkimage.lib.makeFleet { hosts.web = ${system}; variant = "google-compute"; }) web;
      function = image "systemd-boot" {
        ${noChannel} diskSize = 2048; baseName = "web"; settings.variant = "google-compute";
      };
    `,
      `nixosConfigurations.web = ${system};`,
    );
    const out = join(testFolder(t), "out");
    await mkimage(t, ["build", `path:${place}#web`, "--variant", "google-compute", "--out", out]);
    const file = join(out, "nixos-image-web.raw.tar.gz");
    t.regex(judge("tar", "--list", "--verbose", "--file", file), / 2147483648 .* disk\.raw\n$/);
    for (const [name, made] of [
      ["variant", "nixos-image-web.raw.tar.gz"],
      ["web", "web.raw.tar.gz"],
      ["function", "web.raw.tar.gz"],
    ] as const) {
      const link = join(place, "..", name);
      scene.run("nix", "build", `path:${place}#${name}`, "--no-write-lock-file", "--out-link", link);
      t.is(sha256(join(link, made)), sha256(file), name);
    }
  },
);

test.serial("a fleet has a derivation a host, with the host's name", (t) => {
  const place = flakeWith(
    t,
    `inherit (mkimage.lib.makeFleet {
      hosts = nixpkgs.lib.genAttrs [ "web" "database" ] (hostName: ${systemWith("{ networking = { inherit hostName; }; }")});
      partition = "efi"; format = "qcow2"; additionalSpace = "1M";
    }) web database;`,
  );
  for (const host of ["web", "database"]) {
    const link = join(place, "..", host);
    scene.run("nix", "build", `path:${place}#${host}`, "--no-write-lock-file", "--out-link", link);
    const built = scene.run("readlink", "-f", link).trim();
    t.regex(built, new RegExp(`-${host}$`));
    const products = readFileSync(join(built, "nix-support/hydra-build-products"), "utf8");
    t.is(products, `file qcow2-image ${built}/${host}.qcow2\n`);
  }
  const wrong = `(mkimage.lib.makeFleet { hosts.web = ${systemWith("{ }")}; partitions = "efi"; }).web`;
  t.regex(
    t.throws(() => buildPackage(t, wrong))?.message ?? "",
    /partitions: there is no such option; there are accel, /,
  );
});

for (const [what, module, fault] of [
  ["a choice that there is not", '{ mkimage.format = "qcow3"; }', /option `mkimage\.format' is not of type/],
  ["an option that there is not", '{ mkimage.formats = "raw"; }', /option `mkimage\.formats' does not exist/],
  ["a size that is none", "{ mkimage.size = true; }", /option `mkimage\.size' is not of type/],
] as const) {
  testEvaluation(`the module refuses ${what}`, (t) => {
    const error = t.throws(() => buildPackage(t, `(${systemWith(module)}).config.system.build.mkimage`));
    t.regex(error?.message ?? "", fault);
  });
}

testEvaluation("all faults of the arguments are named at once, before anything is built", (t) => {
  const wish = `partitionTableTyp = "efi"; format = "qcow3"; reproducible = true; fsType = "xfs"; touchEFIVars = true;
    onlyNixStore = true; configFile = "/x"; rootFSUID = null; populateRootWith = "tar"; memSize = 2048;
    OVMF.systemManagementModeRequired = true; settings = { seeed = "x"; sectorSize = 100; };
    contents = [ { source = "/x"; target = "/y"; user = "root"; } ];`;
  const error = t.throws(() => buildImage(t, `"systemd-boot" { ${wish} }`));
  for (const fault of [
    "partitionTableTyp: there is no such argument; there are additionalPaths, ",
    'format: "qcow3" is none of raw, qcow2, ',
    "settings.seeed: there is no such option; there are accel, ",
    "settings.sectorSize: 100 is none of 512, 4096",
    'populateRootWith: "tar" is none of cptofs, mke2fs',
    "reproducible: needs deterministic, and an ext4 made by mke2fs",
    "touchEFIVars: not with partitionTableType legacy; use efi, ",
    "onlyNixStore: the image holds store paths only; drop contents, ",
    "OVMF: it needs System Management Mode, ",
    "contents: set both user and group, or neither (/y)",
  ]) {
    t.true(error?.message.includes(`\n       ${fault}`), fault);
  }
  const alone = t.throws(() => buildImage(t, '"systemd-boot" { rootFSUID = null; }'));
  t.regex(alone?.message ?? "", /rootFSUID: is null, and with deterministic an ext4 has to have one/);
});

testEvaluation("a variant that there is not, or that has no disk, is answered with those that have one", (t) => {
  for (const name of ["googl-compute", "lxc"]) {
    const error = t.throws(() => buildImage(t, `"systemd-boot" { settings.variant = "${name}"; }`));
    t.regex(
      error?.message ?? "",
      new RegExp(`settings\\.variant: "${name}" is none of amazon, azure, .*google-compute`),
    );
  }
});

test.serial("an image needs nothing of what it was made from, where Nix can be told so", (t) => {
  const [, newer] = nixes;
  if (newer === undefined) return t.fail();
  const place = flakeWith(
    t,
    `default = image "systemd-boot" { ${noChannel} partitionTableType = "efi"; name = "alone"; };`,
  );
  const built = scene
    .by(newer)
    .run("nix", "build", `path:${place}`, "--no-write-lock-file", "--no-link", "--print-out-paths");
  t.true(readFileSync(join(built.trim(), "image.json"), "utf8").includes("/nix/store/"));
  t.is(scene.run("nix-store", "--query", "--references", built.trim()), "");
});

test.serial("a disk that is too small is an error of the build's, as at the command line", (t) => {
  const error = t.throws(() =>
    buildImage(t, `"systemd-boot" { ${noChannel} diskSize = 32; partitionTableType = "efi"; }`),
  );
  t.regex(error?.message ?? "", /mkimage: .*(too small|needs|fit)/);
});

test.serial("a builder that has no memory for a guest is told with what the guest wants", (t) => {
  const error = t.throws(() => buildImage(t, `"grub" { ${noChannel} memSize = 400000000; }`));
  t.regex(
    error?.message ?? "",
    /mkimage: this machine has no memory for a guest of 381\.\d TiB\n.*hint: .*--mem-size/s,
  );
});
