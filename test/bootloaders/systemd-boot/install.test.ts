import { createHash } from "node:crypto";
import test from "ava";
import type { Installation } from "../../../src/bootloaders/installation.ts";
import { recogniseInstaller } from "../../../src/bootloaders/recognise.ts";
import type { FileInode } from "../../../src/manifest/inode.ts";
import { lookUp, walk } from "../../../src/manifest/tree.ts";
import { builder2311, builder2405, builder2505, builder2605, copyExtraFiles, systemd } from "./builders.ts";
import { memoryStore } from "../memory-store.ts";
import { storePath } from "../sample-paths.ts";
import { bootspec, builder, files, initrd, kernel, secrets, toplevel } from "../sample-system.ts";
import { contentExtents } from "../../../src/manifest/content-extents.ts";

/** 2026-02-03, so that the date in an entry is seen to come from here. */
const time = 1_770_120_000;

interface Scene {
  readonly changes?: Readonly<Record<string, string>>;
  readonly changedBootspec?: typeof bootspec;
  readonly machineId?: string;
}

function installed({ changes = {}, changedBootspec = bootspec, ...rest }: Scene = {}): Installation {
  const store = memoryStore({ ...files, ...changes });
  const found = recogniseInstaller({ toplevel, bootspec: changedBootspec }, store);
  if (found.host === undefined) throw new Error(found.reason);
  return found.host.install({ time, machineId: undefined, ...rest }, store);
}

function paths(installation: Installation, mountPoint = "/boot"): string[] {
  const root = installation.trees.get(mountPoint);
  if (root === undefined) throw new Error(`nothing at ${mountPoint}`);
  return [...walk(root)]
    .flatMap(({ path, inode }) => (path === "" ? [] : [inode.type === "directory" ? `${path}/` : path]))
    .sort();
}

function fileAt(installation: Installation, path: string, mountPoint = "/boot"): FileInode {
  const root = installation.trees.get(mountPoint);
  const inode = root === undefined ? undefined : lookUp(root, path);
  if (inode?.type !== "file") throw new Error(`no file at ${path}`);
  return inode;
}

function textAt(installation: Installation, path: string, mountPoint = "/boot"): string {
  const source = contentExtents(fileAt(installation, path, mountPoint))[0]?.source;
  if (source?.kind !== "bytes") throw new Error(`${path} is not made of bytes`);
  return Buffer.from(source.bytes).toString("utf8");
}

const kernelFile = `${kernel.split("/")[3]}-bzImage.efi`;
const initrdFile = `${initrd.split("/")[3]}-initrd.efi`;

test("the ESP has what bootctl and the builder write, and no random seed", (t) => {
  t.deepEqual(
    paths(installed()),
    [
      "EFI/",
      "EFI/BOOT/",
      "EFI/BOOT/BOOTX64.EFI",
      "EFI/Linux/",
      "EFI/nixos/",
      "EFI/nixos/.extra-files/",
      ...[`EFI/nixos/${kernelFile}`, `EFI/nixos/${initrdFile}`].sort(),
      "EFI/systemd/",
      "EFI/systemd/systemd-bootx64.efi",
      "loader/",
      "loader/entries/",
      "loader/entries/nixos-generation-1.conf",
      "loader/entries.srel",
      "loader/keys/",
      "loader/loader.conf",
    ].sort(),
  );
});

test("files of the store are named with their size, and not read", (t) => {
  t.deepEqual(fileAt(installed(), `EFI/nixos/${kernelFile}`), {
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: { seconds: time, nanoseconds: 0 },
    size: 6,
    content: [{ offset: 0, length: 6, source: { kind: "file", path: kernel, fileSize: 6 } }],
  });
});

test("an entry and loader.conf", (t) => {
  const installation = installed();
  t.is(
    textAt(installation, "loader/entries/nixos-generation-1.conf"),
    `title NixOS
sort-key nixos
version Generation 1 NixOS Warbler 25.05 (Linux 6.12.30), built on 2026-02-03
linux /EFI/nixos/${kernelFile}
initrd /EFI/nixos/${initrdFile}
options init=${toplevel}/init loglevel=4 root=fstab
`,
  );
  t.is(textAt(installation, "loader/loader.conf"), "timeout 5\ndefault nixos-generation-1.conf\nconsole-mode keep\n");
  t.is(textAt(installation, "loader/entries.srel"), "type1\n");
});

test("what the options change in loader.conf", (t) => {
  const program = builder2505({ timeout: "menu-force", editor: "", consoleMode: "max", rebootForBitlocker: "1" });
  t.is(
    textAt(installed({ changes: { [builder]: program } }), "loader/loader.conf"),
    "timeout menu-force\ndefault nixos-generation-1.conf\neditor 0\nreboot-for-bitlocker yes\nconsole-mode max\n",
  );
});

test("23.11: no time-out is no line, no sort key, and the entry names the folder in its spelling", (t) => {
  const installation = installed({ changes: { [builder]: builder2311({ timeout: "" }) } });
  t.is(textAt(installation, "loader/loader.conf"), "default nixos-generation-1.conf\nconsole-mode keep\n");
  const entry = textAt(installation, "loader/entries/nixos-generation-1.conf");
  t.regex(entry, /^linux \/efi\/nixos\//m);
  t.notRegex(entry, /sort-key/);
  t.true(paths(installation).includes(`EFI/nixos/${kernelFile}`));
});

const of2605 = { changes: { [builder]: builder2605() } };

test("26.05: an entry is named by the hash of what is in it, which has no line end at its end", (t) => {
  const installation = installed({ ...of2605, machineId: "4567" });
  const secretsFile = `${secrets.split("/")[3]}-append-initrd-secrets.efi`;
  const initrdHash = sha256(`EFI/nixos/${initrdFile}\nEFI/nixos/${secretsFile}`);
  const text = `title NixOS
version Generation 1 NixOS Warbler 25.05 (Linux 6.12.30), built on 2026-02-03
linux /EFI/nixos/${kernelFile}
initrd /EFI/nixos/${initrdHash}-initrd.efi
options init=${toplevel}/init loglevel=4 root=fstab
machine-id 4567
sort-key nixos`;
  const name = `nixos-${sha256(text)}.conf`;
  t.is(textAt(installation, `loader/entries/${name}`), text);
  t.is(textAt(installation, "loader/loader.conf"), `timeout 5\ndefault ${name}\nconsole-mode keep\n`);
  t.is(fileAt(installation, `EFI/nixos/${initrdHash}-initrd.efi`).size, "initrd, longer".length);
});

test("26.05: an initrd that nothing adds secrets to keeps its name, and others stand behind it", (t) => {
  const changedBootspec = { ...bootspec, initrdSecrets: undefined, extraInitrds: ["EFI/more.img", "most.img"] };
  const [entry] = entriesOf(installed({ ...of2605, changedBootspec }));
  const initrds = `initrd /EFI/nixos/${initrdFile}\ninitrd /EFI/more.img\ninitrd /most.img\noptions`;
  t.true(entry?.includes(initrds), entry);
});

test("26.05: where boots are counted, the name says how many tries are left, and loader.conf leaves them out", (t) => {
  const changes = { [builder]: builder2605({ bootCounting: "True", bootCountingTries: "5" }) };
  const installation = installed({ changes });
  const id = `nixos-${sha256(entriesOf(installation)[0] ?? "")}`;
  t.true(paths(installation).includes(`loader/entries/${id}+5.conf`));
  const preference = `preferred ${id}.conf\ndefault nixos-*\n`;
  t.is(textAt(installation, "loader/loader.conf"), `timeout 5\n${preference}console-mode keep\n`);
});

test("26.05: a specialisation is an entry, and never the default", (t) => {
  const fancy = { ...bootspec, init: `${storePath("fancy")}/init`, label: "NixOS fancy" };
  const installation = installed({ ...of2605, changedBootspec: { ...bootspec, specialisations: { fancy } } });
  const [main = "", other = ""] = entriesOf(installation).toSorted();
  t.regex(other, /^title NixOS \(fancy\)\nversion Generation 1 NixOS fancy, built/);
  t.regex(textAt(installation, "loader/loader.conf"), new RegExp(`^default nixos-${sha256(main)}\\.conf$`, "m"));
});

function entriesOf(installation: Installation): string[] {
  const entries = paths(installation).filter((path) => /^loader\/entries\/.*\.conf$/.test(path));
  return entries.map((path) => textAt(installation, path));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("specialisations are entries of their own", (t) => {
  const fancy = {
    ...bootspec,
    init: `${storePath("fancy")}/init`,
    label: "NixOS fancy",
    systemdBoot: { sortKey: "a" },
  };
  const installation = installed({ changedBootspec: { ...bootspec, specialisations: { fancy } } });
  const entry = textAt(installation, "loader/entries/nixos-generation-1-specialisation-fancy.conf");
  t.regex(entry, /^title NixOS \(fancy\)\nsort-key a\nversion Generation 1 NixOS fancy, built on 2026-02-03\n/);
  t.regex(entry, new RegExp(`^options init=${fancy.init} loglevel=4 root=fstab\n`, "m"));
});

test("a device tree, where the release has them; its name goes by the store path, or by its folder", (t) => {
  const devicetree = `${storePath("device-trees")}/vendor/board.dtb`;
  const scene = { changedBootspec: { ...bootspec, systemdBoot: { devicetree } }, changes: { [devicetree]: "dtb" } };
  const name = `EFI/nixos/${devicetree.split("/")[3]}-board.dtb.efi`;
  const installation = installed(scene);
  t.regex(textAt(installation, "loader/entries/nixos-generation-1.conf"), new RegExp(`^devicetree /${name}\n$`, "m"));
  t.is(fileAt(installation, name).size, 3);
  const older = installed({ ...scene, changes: { ...scene.changes, [builder]: builder2405() } });
  t.notRegex(textAt(older, "loader/entries/nixos-generation-1.conf"), /devicetree/);
});

test("a kernel that is a store path itself keeps its name", (t) => {
  const bare = storePath("kernel-image");
  const changedBootspec = { ...bootspec, kernel: "/nix/store/link" };
  const installation = installed({ changedBootspec, changes: { "/nix/store/link": `->${bare}`, [bare]: "k" } });
  t.regex(
    textAt(installation, "loader/entries/nixos-generation-1.conf"),
    new RegExp(`^linux /EFI/nixos/${bare.slice(11)}\\.efi$`, "m"),
  );
});

test("with XBOOTLDR, boot loaders are on the ESP and everything else is not", (t) => {
  const installation = installed({ changes: { [builder]: builder2505({ efiSysMountPoint: "/efi" }) } });
  t.deepEqual([...installation.trees.keys()].sort(), ["/boot", "/efi"]);
  t.deepEqual(paths(installation, "/efi"), [
    "EFI/",
    "EFI/BOOT/",
    "EFI/BOOT/BOOTX64.EFI",
    "EFI/systemd/",
    "EFI/systemd/systemd-bootx64.efi",
    "loader/",
    "loader/keys/",
    "loader/loader.conf",
  ]);
  t.deepEqual(
    paths(installation, "/boot").filter((path) => path.startsWith("loader") || path === "EFI/Linux/"),
    [
      "EFI/Linux/",
      "loader/",
      "loader/entries/",
      "loader/entries/nixos-generation-1.conf",
      "loader/entries.srel",
    ].sort(),
  );
});

test("an older systemd makes no folder for keys", (t) => {
  const library = `${systemd}/lib/systemd/libsystemd-shared`;
  const older = { [`${library}-255.so`]: "" };
  t.false(paths(installed({ changes: older })).includes("loader/keys/"));
});

test("a signed boot loader is preferred, and every program for the architecture is copied", (t) => {
  const folder = `${systemd}/lib/systemd/boot/efi`;
  const changes = { [`${folder}/systemd-bootx64.efi.signed`]: "signed loader", [`${folder}/addonx64.efi`]: "addon" };
  const installation = installed({ changes });
  t.is(fileAt(installation, "EFI/BOOT/BOOTX64.EFI").size, "signed loader".length);
  t.is(fileAt(installation, "EFI/systemd/addonx64.efi").size, "addon".length);
});

test("another architecture has another name", (t) => {
  const changes = { [`${systemd}/lib/systemd/boot/efi/systemd-bootaa64.efi`]: "arm" };
  const installation = installed({ changes, changedBootspec: { ...bootspec, system: "aarch64-linux" } });
  t.is(fileAt(installation, "EFI/BOOT/BOOTAA64.EFI").size, 3);
});

test("extra files join folders whatever their spelling, on the partition that they name", (t) => {
  const source = storePath("shell.efi");
  const script = `/bin/install -Dp "${source}" "/boot/"efi/shell.efi\n/bin/install -D /dev/null "/boot//EFI/nixos/.extra-files/"efi/shell.efi\n`;
  const installation = installed({ changes: { [copyExtraFiles]: script, [source]: "shell" } });
  t.is(fileAt(installation, "EFI/shell.efi").size, 5);
  t.is(fileAt(installation, "EFI/nixos/.extra-files/efi/shell.efi").size, 0);
});

test("extra files that stand in each other's way are refused", (t) => {
  const clash = (targets: readonly string[]) => {
    const script = targets.map((target) => `/bin/install -D /dev/null "${target}"`).join("\n");
    return () => installed({ changes: { [copyExtraFiles]: script } });
  };
  t.throws(clash(["/boot/a", "/boot/A/b"]), { code: "INSTALLER_FAILED", message: /a is a file/ });
  t.throws(clash(["/boot/efi"]), { code: "INSTALLER_FAILED", message: /EFI is a folder/ });
});

test("a machine id is written where there is one", (t) => {
  const line = /^machine-id (.*)$/m;
  const entry = (scene: Scene) => line.exec(textAt(installed(scene), "loader/entries/nixos-generation-1.conf"))?.[1];
  t.is(entry({}), undefined);
  t.is(entry({ machineId: "4567" }), "4567");
});
