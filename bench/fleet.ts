import { hash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./measure.ts";
import { closureShape, makeTree, storeHash } from "./tree.ts";

const mkimage = new URL("../bin/mkimage", import.meta.url).pathname;
const hosts = 10;
/** Of twenty store paths one is a host's own. */
const pathsPerOwn = 20;

/** The store paths of a fleet, in a folder that stands in for /nix/store, and for each host what `--closure-info` takes. */
export interface Fleet {
  readonly store: string;
  readonly hosts: readonly { readonly root: string; readonly closureInfo: string }[];
}

/** Makes ten hosts of 1.4 GB each, which have 95 % of it in common. */
export function makeFleet(work: string): Fleet {
  const store = join(work, "store");
  mkdirSync(store);
  makeTree(store, { ...closureShape, flatFiles: 0 });
  rmSync(join(store, "flat"), { recursive: true });
  const common = readdirSync(store).toSorted();
  return { store, hosts: Array.from({ length: hosts }, (_, host) => makeHost(host, common, store, work)) };
}

function makeHost(host: number, common: readonly string[], store: string, work: string): Fleet["hosts"][number] {
  const paths = common.map((name, index) => (index % pathsPerOwn === 1 ? ownPath(name, host, index, store) : name));
  const closureInfo = join(work, `closure-${host}`);
  mkdirSync(closureInfo);
  const full = paths.map((name) => `/nix/store/${name}`);
  // The first one refers to all of them.
  const entries = full.map((path, index) => {
    const references = index === 0 ? full : [];
    return [path, `sha256:${hash("sha256", path)}`, "4096", "", `${references.length}`, ...references].join("\n");
  });
  writeFileSync(join(closureInfo, "registration"), `${entries.join("\n")}\n`);
  writeFileSync(join(closureInfo, "store-paths"), `${full.join("\n")}\n`);
  return { root: full[0] ?? "", closureInfo };
}

/** The first host has the paths as they are, the others files of theirs under another name, with a line of their own. */
function ownPath(name: string, host: number, index: number, store: string): string {
  if (host === 0) return name;
  const own = `${storeHash(100_000 + host * 1000 + index)}-package-of-host-${host}`;
  cpSync(join(store, name), join(store, own), { recursive: true });
  writeFileSync(join(store, own, "host"), `${host}\n`);
  return own;
}

/** Compressed images of one host, of the next one, and of ten; each begins with the cache that it has to have. */
export function fleetContenders(fleet: Fleet, compression: "zlib" | "zstd", work: string): Contender[] {
  const [cache, first, out] = [join(work, "cache"), join(work, "cache-of-first"), join(work, "out-fleet")];
  const build = (host: number) => buildOf(fleet, host, compression, out);
  const run = (name: string, commands: readonly string[], outputs: readonly string[]): Contender => ({
    name,
    outputs,
    argv: [
      "env",
      `XDG_CACHE_HOME=${cache}`,
      "unshare",
      "--mount",
      "sh",
      "-ec",
      [inStore(fleet.store), ...commands].join("; "),
    ],
  });
  const keepFirst = `rm -rf ${first}; cp -al ${cache} ${first}`;
  return [
    run("the first host", [build(0), keepFirst], [out, cache]),
    run("without a cache", [`${build(0)} --no-cache`], [out]),
    run("the second host", [`cp -al ${first} ${cache}`, build(1)], [out, cache]),
    run("the first host again", [`cp -al ${first} ${cache}`, build(0)], [out, cache]),
    run(
      "ten hosts",
      Array.from({ length: hosts }, (_, host) => build(host)),
      [out, cache],
    ),
  ];
}

function inStore(store: string): string {
  return `mount --bind ${store} /nix/store`;
}

function buildOf({ hosts: all }: Fleet, host: number, compression: string, out: string): string {
  const { root = "", closureInfo = "" } = all[host] ?? {};
  const request = `--only-nix-store --additional-paths ${root} --closure-info ${closureInfo} --partition none`;
  const format = `--format qcow2-compressed --compression ${compression} --additional-space 64M`;
  return `${mkimage} build --quiet --force ${request} ${format} --out ${out}`;
}
