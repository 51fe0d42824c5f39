import { posix } from "node:path";
import { MiB } from "../../base/units.ts";
import { type Field, fieldOf } from "../../nix/lines.ts";
import { readContent } from "../../manifest/stored-content.ts";
import { type BootVolume, findFile } from "../menu/boot-volume.ts";
import type { MenuEntry, NamedFile } from "../menu/menu-entry.ts";

const names = ["extlinux/extlinux.conf", "syslinux/syslinux.cfg", "extlinux.conf", "syslinux.cfg"];
const places = names.flatMap((name) => [name, `boot/${name}`]);

/** The entries of a menu that extlinux, syslinux or U-Boot shows of a filesystem. */
export function syslinuxEntries(volume: BootVolume): MenuEntry[] {
  return places.flatMap((path) => {
    const file = findFile(volume, path);
    return file === undefined ? [] : entriesIn(readContent(file, MiB).toString("utf8"), path, volume);
  });
}

interface Draft {
  readonly label: string;
  readonly fields: Map<string, string>;
}

/** Source: wiki.syslinux.org, "Config". */
function entriesIn(text: string, path: string, volume: BootVolume): MenuEntry[] {
  const drafts: Draft[] = [];
  let wanted: string | undefined;
  for (const line of text.split("\n")) {
    const { key: name, value } = commandOf(line);
    if (name === "label") drafts.push({ label: value, fields: new Map() });
    else if (name === "default") wanted = value;
    else drafts.at(-1)?.fields.set(name, value);
  }
  return drafts.map((draft, index) => {
    const isDefault = wanted === undefined ? index === 0 : draft.label === wanted;
    return { ...entryOf(draft, path, volume), isDefault };
  });
}

/** Of the commands of two words, only the one for titles matters. */
function commandOf(line: string): Field {
  const { key, value } = fieldOf(line) ?? { key: "", value: "" };
  const second = key.toLowerCase() === "menu" ? fieldOf(value) : undefined;
  return second?.key.toLowerCase() === "label"
    ? { key: "menu label", value: second.value }
    : { key: key.toLowerCase(), value };
}

function entryOf({ label, fields }: Draft, path: string, volume: BootVolume): Omit<MenuEntry, "isDefault"> {
  const options = fields.get("append") ?? "";
  const kernel = fields.get("linux") ?? fields.get("kernel");
  const initrd = fields.get("initrd") ?? /(?:^|\s)initrd=(\S+)/.exec(options)?.[1] ?? "";
  const file = (name: string): NamedFile => ({
    path: posix.join("/", posix.resolve(`/${posix.dirname(path)}`, name)),
    volume,
  });
  return {
    title: (fields.get("menu label") ?? label).replaceAll("^", ""),
    source: `${path} on ${volume.name}`,
    kernel: kernel === undefined ? null : file(kernel),
    initrd: initrd
      .split(",")
      .filter((name) => name !== "")
      .map(file),
    options,
  };
}
