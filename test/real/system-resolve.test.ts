import test from "ava";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { evaluateSettings } from "../../src/pipeline/evaluate-settings.ts";
import { queryClosure } from "../../src/nix/closure.ts";
import { resolveSystem } from "../../src/nix/resolve.ts";
import { type NixWishes, nixArgumentsOf } from "../../src/request/nix-arguments.ts";
import { parseFlakeReference } from "../../src/nix/source.ts";
import type { Configuration } from "../../src/nix/configuration.ts";
import { variantNames, variantOf } from "../../src/variants/registry.ts";
import { evaluateVariant } from "../../src/variants/settings.ts";
import { derivation, nixBuild, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const systemScript = "mkdir $out; echo > $out/init; echo > $out/kernel; echo 25.05 > $out/nixos-version";

/** A configuration with nothing but what is asked for here. */
function configuration(name: string, boot = "{ }"): string {
  return `{ config = { boot = ${boot}; system.build.toplevel = ${derivation(`nixos-system-${name}`, systemScript).replace("builtins.currentSystem", '"x86_64-linux"')}; }; }`;
}

function flake(name: string, systems: string): string {
  const folder = mkdtempSync(join(scratch, `${name}-`));
  writeFileSync(join(folder, "flake.nix"), `{ outputs = { self }: { nixosConfigurations = { ${systems} }; }; }`);
  return folder;
}

testWithEachNix("a flake's only system needs no name, and the flake is this folder", async (t) => {
  const folder = flake("one", `web = ${configuration("web")};`);
  const system = await resolveSystem({ kind: "flake", flake: "." }, { folder });
  t.regex(system.toplevel, /^\/nix\/store\/.*-nixos-system-web$/);
  t.deepEqual(system.configuration, { kind: "flake", flake: ".", name: "web" });
});

testWithEachNix("of several systems one is named; without a name all names are listed", async (t) => {
  const folder = flake("several", `web = ${configuration("web")}; "db.example org" = ${configuration("db")};`);
  const named = await resolveSystem(parseFlakeReference(`${folder}#db.example org`));
  t.regex(named.toplevel, /-nixos-system-db$/);
  const error = await t.throwsAsync(resolveSystem({ kind: "flake", flake: folder }), {
    instanceOf: MkimageError,
    message: /several systems/,
  });
  t.deepEqual(error?.details, ["db.example org", "web"]);
});

testWithEachNix(
  "a name that a flake does not have, and a folder that is no flake, are explained in Nix's words",
  async (t) => {
    const folder = flake("other", `web = ${configuration("web")};`);
    const unnamed = await t.throwsAsync(resolveSystem({ kind: "flake", flake: folder, name: "wep" }), {
      instanceOf: MkimageError,
    });
    t.is(unnamed?.code, "RESOLVE_FAILED");
    t.regex(unnamed?.details.join("\n") ?? "", /does not provide attribute/);
    const none = await t.throwsAsync(resolveSystem({ kind: "flake", flake: "/var/empty-folder" }), {
      instanceOf: MkimageError,
    });
    t.is(none?.code, "RESOLVE_FAILED");
  },
);

testWithEachNix(
  "a file's attribute is a configuration or a toplevel; without one the file is the configuration",
  async (t) => {
    const file = join(scratch, "systems.nix");
    writeFileSync(
      file,
      `{ variant ? "default" }: ${configuration("itself").slice(0, -1)} inner.web = ${configuration("inner")}; bare = (${configuration("bare")}).config.system.build.toplevel; }`,
    );
    const toplevelOf = async (attributes?: string) =>
      (await resolveSystem({ kind: "file", file, attributes })).toplevel;
    t.regex(await toplevelOf(), /-nixos-system-itself$/);
    t.regex(await toplevelOf("inner.web"), /-nixos-system-inner$/);
    t.regex(await toplevelOf("bare"), /-nixos-system-bare$/);
  },
);

testWithEachNix("a built system is given as its path or as a link", async (t) => {
  const toplevel = nixBuild(scratch, derivation("nixos-system-built", systemScript));
  const folder = mkdtempSync(join(scratch, "link-"));
  symlinkSync(toplevel, join(folder, "result"));
  t.deepEqual(await resolveSystem({ kind: "toplevel", path: toplevel }), { toplevel });
  t.deepEqual(await resolveSystem({ kind: "toplevel", path: "./result" }, { folder }), { toplevel });
});

const notSystems: readonly [what: string, path: () => string, reason: RegExp][] = [
  [
    "a store path without the parts of a system",
    () => nixBuild(scratch, derivation("empty", "mkdir $out; echo > $out/init")),
    /it has no kernel, no nixos-version/,
  ],
  ["a file in the store", () => nixBuild(scratch, derivation("file", "echo > $out")), /it is a file/],
  [
    "something inside a system",
    () => `${nixBuild(scratch, derivation("nixos-system-whole", systemScript))}/init`,
    /it is inside the store path/,
  ],
  ["a folder elsewhere", () => scratch, /it is not in \/nix\/store/],
  ["nothing at all", () => "/nix/store/00000000000000000000000000000000-gone", /it does not exist/],
];

for (const [what, path, message] of notSystems) {
  testWithEachNix(`${what} is no system`, async (t) => {
    const error = await t.throwsAsync(resolveSystem({ kind: "toplevel", path: path() }), {
      instanceOf: MkimageError,
      message,
    });
    t.is(error?.code, "NOT_A_SYSTEM");
  });
}

testWithEachNix("boot devices come from the configuration, and from options that it has", async (t) => {
  const folder = flake(
    "devices",
    `grub = ${configuration("grub", '{ loader.grub = { devices = [ "/dev/disk/by-id/a" ]; mirroredBoots = [ { devices = [ "/dev/disk/by-id/a" "/dev/disk/by-id/b" "nodev" ]; } ]; }; }')};
     off = ${configuration("off", '{ loader.grub = { enable = false; devices = [ "/dev/sda" ]; }; loader.limine = { enable = true; biosDevice = "/dev/sdb"; }; }')};
     none = ${configuration("none")};`,
  );
  const devicesOf = async (name: string) =>
    (await evaluateSettings({ kind: "flake", flake: folder, name }, false, {})).boot.devices;
  t.deepEqual(await devicesOf("grub"), ["/dev/disk/by-id/a", "/dev/disk/by-id/b"]);
  t.deepEqual(await devicesOf("off"), ["/dev/sdb"]);
  t.deepEqual(await devicesOf("none"), []);
});

testWithEachNix("when Nix cannot be asked for a closure, --closure-info is named", async (t) => {
  const error = await t.throwsAsync(queryClosure(["/nix/store/00000000000000000000000000000000-gone"]), {
    instanceOf: MkimageError,
  });
  t.is(error?.code, "RESOLVE_FAILED");
  t.regex(error?.hint ?? "", /--closure-info DIR/);
});

testWithEachNix(
  "what is built is held from a folder against a garbage collection, as long as that is there",
  async (t) => {
    const folder = flake("held", `web = ${configuration("held")};`);
    const rootsFolder = join(folder, "roots");
    mkdirSync(rootsFolder);
    const { toplevel } = await resolveSystem({ kind: "flake", flake: folder }, { rootsFolder });
    const isHeld = () =>
      execFileSync("nix-store", ["--gc", "--print-roots"], { encoding: "utf8" })
        .split("\n")
        .some((line) => line.includes(realpathSync(rootsFolder)) && line.endsWith(` -> ${toplevel}`));
    t.is(readdirSync(rootsFolder).length, 1);
    t.true(isHeld());
    rmSync(join(rootsFolder, readdirSync(rootsFolder)[0] ?? ""), { recursive: true });
    t.false(isHeld());
  },
);

testWithEachNix(
  "an evaluation sees what it is let see: the environment, another input, a setting of Nix's",
  async (t) => {
    const input = mkdtempSync(join(scratch, "input-"));
    writeFileSync(join(input, "flake.nix"), '{ outputs = { self }: { word = "other"; }; }');
    const own = mkdtempSync(join(scratch, "own-"));
    writeFileSync(join(own, "flake.nix"), '{ outputs = { self }: { word = "own"; }; }');
    const folder = mkdtempSync(join(scratch, "wishes-"));
    const named = configuration("NAME").replace(
      '"nixos-system-NAME"',
      '"nixos-system-${words.word}-${builtins.getEnv "MKIMAGE_WORD"}"',
    );
    const text = `{ inputs.words.url = "path:${own}"; outputs = { self, words }: { nixosConfigurations.web = ${named}; }; }`;
    writeFileSync(join(folder, "flake.nix"), text);
    process.env["MKIMAGE_WORD"] = "seen";
    const nameOf = async (wishes: NixWishes) => {
      const { toplevel } = await resolveSystem(
        { kind: "flake", flake: `path:${folder}`, name: "web" },
        { nixArguments: ["--no-write-lock-file", ...nixArgumentsOf(wishes)] },
      );
      return toplevel.replace(/^.*-nixos-system-/, "");
    };
    t.is(await nameOf({}), "own-");
    t.is(await nameOf({ impure: true, overrideInput: [["words", `path:${input}`]] }), "other-seen");
    t.is(await nameOf({ option: [["pure-eval", "false"]] }), "own-seen");
  },
);

/** A system with images, each with a system of its own. */
function withImages(name: string, images: string): string {
  const own = configuration(name);
  return `(let whole = ${own}; in { config = whole.config // { system.build = whole.config.system.build // { images = { ${images} }; }; }; })`;
}

const image = (name: string, more: string) => `{ passthru.config = (${configuration(name)}).config // { ${more} }; }`;

testWithEachNix("an image variant has the system and the settings of its own configuration", async (t) => {
  const said = `
    image.baseName = "nixos-image-web";
    virtualisation = { diskSize = 4096; googleComputeImage = { efi = true; contents = [ { source = "/x"; } ]; configFile = null; }; };
  `;
  const images = `google-compute = ${image("web-google", said)}; proxmox = ${image("web-proxmox", proxmox)};`;
  const folder = flake("images", `web = ${withImages("web", images)};`);
  const google = await resolveSystem({ kind: "flake", flake: folder }, { image: "google-compute" });
  t.regex(google.toplevel, /-nixos-system-web-google$/);
  t.deepEqual(await evaluateVariant(variantOf("google-compute"), google.configuration as Configuration, {}), {
    baseName: "nixos-image-web",
    size: 4096,
    partition: "efi",
    unheard: ["virtualisation.googleComputeImage.contents"],
    impossible: [],
  });
  const { configuration: found } = await resolveSystem({ kind: "flake", flake: folder }, { image: "proxmox" });
  t.deepEqual(await evaluateVariant(variantOf("proxmox"), found as Configuration, {}), {
    baseName: null,
    size: "auto",
    partition: "hybrid",
    additionalSpace: "1G",
    bootSize: null,
    machine: { name: "web", settings: { agent: "1", memory: "2048", name: "web", onboot: "1" } },
    unheard: [],
    impossible: [],
  });
});

const proxmox = `proxmox = {
  partitionTableType = "hybrid";
  qemuConf = { name = "web"; memory = 2048; agent = true; diskSize = "auto"; additionalSpace = "1G"; };
  qemuExtraConf = { onboot = 1; };
};`;

testWithEachNix("every variant's settings are those of a configuration that says nothing", async (t) => {
  const images = variantNames.map((name) => `"${name}" = ${image("silent", "")};`).join(" ");
  const folder = flake("silent", `web = ${withImages("web", images)};`);
  for (const name of variantNames) {
    const configured = { kind: "flake", flake: folder, name: "web", image: name } as const;
    t.like(await evaluateVariant(variantOf(name), configured, {}), { unheard: [], impossible: [], size: null }, name);
  }
});

testWithEachNix("an image that a configuration does not have is none, and those that it has are told", async (t) => {
  const folder = flake(
    "images",
    `web = ${withImages("web", `oci = ${image("web-oci", "")};`)}; old = ${configuration("old")};`,
  );
  const resolve = (name: string) => resolveSystem({ kind: "flake", flake: folder, name }, { image: "azure" });
  const one = await t.throwsAsync(resolve("web"), { instanceOf: MkimageError, message: /#web has no image azure$/ });
  t.deepEqual(one?.details, ["its images are oci"]);
  const old = await t.throwsAsync(resolve("old"), { instanceOf: MkimageError, message: /#old has no image azure$/ });
  t.regex(old?.hint ?? "", /nixpkgs has system\.build\.images from 25\.05 on/);
});

/** Settings of nixpkgs' modules, as a configuration has them, and what is heard of them. */
const heard = {
  amazon: ["ec2 = { efi = true; zfs.enable = true; };", { partition: "efi", impossible: ["ec2.zfs.enable"] }],
  azure: [
    'virtualisation.azureImage = { vmGeneration = "v2"; bootSize = 300; contents = [ { source = "/x"; } ]; };',
    { partition: "efi", bootSize: 300, unheard: ["virtualisation.azureImage.contents"] },
  ],
  "digital-ocean": [
    "virtualisation = { diskSize = 3000; digitalOceanImage.configFile = ./flake.nix; };",
    { size: 3000, unheard: ["virtualisation.digitalOceanImage.configFile"] },
  ],
  linode: ['virtualisation.linodeImage.configFile = "/x";', { unheard: ["virtualisation.linodeImage.configFile"] }],
  oci: ["oci.efi = false;", { partition: "legacy" }],
  "vagrant-virtualbox": ['virtualbox.vmName = "box";', { machine: { name: "box", memory: null, settings: {} } }],
  virtualbox: [
    `virtualbox = {
      baseImageSize = 51200; baseImageFreeSpace = 30720; vmName = "NixOS"; memorySize = 2048;
      extraDisk = null; exportParams = [ "--vsys" "0" ]; postExportCommands = "";
    };`,
    {
      size: 51_200,
      additionalSpace: 30_720,
      machine: { name: "NixOS", memory: 2048, settings: {} },
      unheard: ["virtualbox.exportParams"],
    },
  ],
} as const;

testWithEachNix("what nixpkgs' modules let a user say of an image is heard, or is known not to be", async (t) => {
  const images = Object.entries(heard).map(([name, [said]]) => `"${name}" = ${image("said", said)};`);
  const folder = flake("heard", `web = ${withImages("web", images.join(" "))};`);
  for (const [name, [, expected]] of Object.entries(heard) as [keyof typeof heard, (typeof heard)["oci"]][]) {
    const configured = { kind: "flake", flake: folder, name: "web", image: name } as const;
    t.like(await evaluateVariant(variantOf(name), configured, {}), { unheard: [], impossible: [], ...expected }, name);
  }
});

testWithEachNix("an image of a configuration in a Nix file is found as that of a flake", async (t) => {
  const file = join(mkdtempSync(join(scratch, "file-")), "systems.nix");
  writeFileSync(file, `{ web = ${withImages("web", `oci = ${image("web-oci", "oci.efi = false;")};`)}; }`);
  const { toplevel, configuration: found } = await resolveSystem(
    { kind: "file", file, attributes: "web" },
    { image: "oci" },
  );
  t.regex(toplevel, /-nixos-system-web-oci$/);
  t.like(await evaluateVariant(variantOf("oci"), found as Configuration, {}), { partition: "legacy" });
});
