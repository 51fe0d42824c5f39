import { textOf } from "../../base/byte-string.ts";
import { MiB } from "../../base/units.ts";
import { fieldOf, matchesWildcards } from "../../nix/lines.ts";
import { readContent } from "../../manifest/stored-content.ts";
import { type BootVolume, filesIn, findFile } from "../menu/boot-volume.ts";
import type { MenuEntry, NamedFile } from "../menu/menu-entry.ts";

/**
 * The entries that systemd-boot shows of a filesystem, type 1 (`loader/entries/*.conf`) and type 2 (`EFI/Linux/*.efi`).
 *
 * Source: uapi-group.org, "Boot Loader Specification"; loader.conf(5).
 */
export function loaderEntries(volume: BootVolume): MenuEntry[] {
  const wanted = defaultPattern(volume);
  const files = filesIn(volume, "loader/entries", ".conf");
  const entries = files.map(({ name, file }) => {
    const fields = fieldsOf(readContent(file, MiB).toString("utf8"));
    return configuredEntry(volume, textOf(name), fields, wanted);
  });
  return [...entries, ...filesIn(volume, "EFI/Linux", ".efi").map(({ name }) => unifiedEntry(volume, textOf(name)))];
}

function configuredEntry(
  volume: BootVolume,
  name: string,
  fields: ReadonlyMap<string, readonly string[]>,
  wanted: string | undefined,
): MenuEntry {
  const file = (path: string): NamedFile => ({ path, volume });
  const [kernel] = fields.get("linux") ?? fields.get("efi") ?? [];
  return {
    title: [fields.get("title")?.[0] ?? name, fields.get("version")?.[0] ?? ""]
      .filter((part) => part !== "")
      .join(" · "),
    source: `loader/entries/${name} on ${volume.name}`,
    isDefault: wanted !== undefined && isWanted(wanted, withoutTries(name)),
    kernel: kernel === undefined ? null : file(kernel),
    initrd: (fields.get("initrd") ?? []).map(file),
    options: (fields.get("options") ?? []).join(" "),
  };
}

function unifiedEntry(volume: BootVolume, name: string): MenuEntry {
  const path = `EFI/Linux/${name}`;
  const kernel = { path: `/${path}`, volume };
  return { title: name, source: `${path} on ${volume.name}`, isDefault: false, kernel, initrd: [], options: "" };
}

/** Lines of a key and a value; a key can come several times. */
function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const field = fieldOf(line);
    if (field === undefined || !/^[a-z-]+$/i.test(field.key)) continue;
    const values = fields.get(field.key);
    if (values === undefined) fields.set(field.key, [field.value]);
    else values.push(field.value);
  }
  return fields;
}

/** While boots are counted, a name says how many tries are left and, behind a hyphen, have been: `name+2-1.conf`. */
function withoutTries(name: string): string {
  return name.replace(/\+\d+(?:-\d+)?(?=\.conf$)/, "");
}

/** `preferred` and `default` in loader.conf are patterns of file names with `*` and `?`. */
function defaultPattern(volume: BootVolume): string | undefined {
  const file = findFile(volume, "loader/loader.conf");
  const fields = file === undefined ? undefined : fieldsOf(readContent(file, MiB).toString("utf8"));
  return (fields?.get("preferred") ?? fields?.get("default"))?.[0];
}

/** The pattern may leave the ending out. */
function isWanted(pattern: string, name: string): boolean {
  return matchesWildcards(pattern, name) || matchesWildcards(`${pattern}.conf`, name);
}
