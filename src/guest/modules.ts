import { filesystems } from "../filesystems/registry.ts";

/** The index of a kernel's modules. It is parsed from text alone, so that any kernel can be looked up. */
export interface ModuleIndex {
  /** Normalised names of what is part of the kernel itself. */
  readonly builtIn: ReadonlySet<string>;
  /** From a normalised name to the module's file, relative to the folder, and the files it needs. */
  readonly loadable: ReadonlyMap<string, { readonly file: string; readonly needs: readonly string[] }>;
  /** From a normalised name to what should be loaded before it where there is such a thing. */
  readonly wishes: ReadonlyMap<string, readonly string[]>;
  /** From a name that modules ask for to the modules that serve it. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
}

/** The files of a modules folder that the index is read from; those that do not exist are empty. */
interface ModuleTables {
  readonly "modules.builtin": string;
  readonly "modules.dep": string;
  readonly "modules.softdep": string;
  readonly "modules.alias": string;
}

/**
 * Reads the tables of a modules folder.
 *
 * Source: depmod(8), modules.dep(5).
 */
export function readModuleTables(tables: ModuleTables): ModuleIndex {
  const dependencies = linesOf(tables["modules.dep"]).map((line) => {
    const [file = "", needs = ""] = line.split(":");
    return [moduleName(file), { file, needs: words(needs) }] as const;
  });
  return {
    builtIn: new Set(linesOf(tables["modules.builtin"]).map(moduleName)),
    loadable: new Map(dependencies),
    wishes: new Map(linesOf(tables["modules.softdep"]).map(wishesOf)),
    aliases: aliasesOf(tables["modules.alias"]),
  };
}

/** The names among `names` that this kernel has neither built in nor as a module. */
export function missingModules(index: ModuleIndex, names: readonly string[]): string[] {
  return names.filter((name) => !index.builtIn.has(normal(name)) && !index.loadable.has(normal(name)));
}

/**
 * The files to load for `names`, each after what it needs; what is built in needs no file. Names that the kernel does
 * not have are left out: `missingModules` tells.
 */
export function loadOrder(index: ModuleIndex, names: readonly string[]): string[] {
  const order = new Set<string>();
  const visited = new Set<string>();

  function visit(name: string): void {
    if (visited.has(name)) return;
    visited.add(name);
    for (const wish of wishedFor(index, name)) visit(wish);
    const module = index.loadable.get(name);
    if (module === undefined) return;
    for (const file of module.needs) visit(moduleName(file));
    order.add(module.file);
  }

  for (const name of names) visit(normal(name));
  return [...order];
}

/** `/lib/…/nls_iso8859-1.ko.xz` is the module `nls_iso8859_1`. */
export function moduleName(file: string): string {
  const base = file.slice(file.lastIndexOf("/") + 1);
  return normal(base.replace(/\.ko(?:\.(?:xz|gz|zst))?$/, ""));
}

/** By the filesystems' drivers. With no modprobe in the guest they must be there before a mount. */
const checksums = new Map(Object.values(filesystems).map(({ driver, checksums: names }) => [driver, names] as const));

function wishedFor(index: ModuleIndex, name: string): string[] {
  const wishes = [...(checksums.get(name) ?? []), ...(index.wishes.get(name) ?? [])];
  return wishes.flatMap((wish) => [normal(wish), ...(index.aliases.get(wish) ?? [])]);
}

/** `softdep ext4 pre: crypto-crc32c post: x`: what comes after `post:` does not concern us. */
function wishesOf(line: string): readonly [string, readonly string[]] {
  const [, name = "", rest = ""] = /^softdep\s+(\S+)\s+(.*)$/.exec(line) ?? [];
  const before = /(?:^|\s)pre:(.*?)(?:\spost:|$)/.exec(rest)?.[1] ?? "";
  return [normal(name), words(before)];
}

/** Only plain names: patterns stand for devices, which are not looked for. */
function aliasesOf(table: string): Map<string, string[]> {
  const aliases = new Map<string, string[]>();
  for (const line of linesOf(table)) {
    const [, alias, name] = /^alias\s+([\w-]+)\s+(\S+)$/.exec(line) ?? [];
    if (alias !== undefined && name !== undefined) aliases.set(alias, [...(aliases.get(alias) ?? []), normal(name)]);
  }
  return aliases;
}

function normal(name: string): string {
  return name.replaceAll("-", "_");
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
