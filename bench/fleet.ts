import { hash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./measure.ts";
import type { Scale } from "./scale.ts";
import { makeTree, storeHash } from "./tree.ts";

const mkimage = new URL("../bin/mkimage", import.meta.url).pathname;
/** Of twenty store paths one is a host's own. */
const pathsPerOwn = 20;

/** The store paths of a fleet, in a folder that stands in for /nix/store, and for each host what `--closure-info` takes. */
export interface Fleet {
  readonly store: string;
  readonly hosts: readonly { readonly root: string; readonly closureInfo: string }[];
}

/** Makes hosts that have 95 % of their closures in common. */
export function makeFleet(work: string, { closure, hosts }: Scale): Fleet {
  const store = join(work, "store");
  mkdirSync(store);
  makeTree(store, { ...closure, flatFiles: 0 });
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

/**
 * Compressed images of one host, of the next one, of all, and of three one after the other and at once; each begins with the
 * cache that it has to have.
 */
export function fleetContenders(fleet: Fleet, compression: "zlib" | "zstd", work: string): Contender[] {
  const [cache, first, out] = [join(work, "cache"), join(work, "cache-of-first"), join(work, "out-fleet")];
  const build = (host: number) => buildOf(fleet, host, compression, `${out}-${host}`);
  const outs = fleet.hosts.map((_, host) => `${out}-${host}`);
  const three = [0, 1, 2].map(build);
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
    run("the first host", [build(0), keepFirst], [cache, ...outs]),
    run("without a cache", [`${build(0)} --no-cache`], outs),
    run("the second host", [`cp -al ${first} ${cache}`, build(1)], [cache, ...outs]),
    run("the first host again", [`cp -al ${first} ${cache}`, build(0)], [cache, ...outs]),
    run(
      `all ${outs.length} hosts`,
      outs.map((_, host) => build(host)),
      [cache, ...outs],
    ),
    run("three hosts, one after another", three, [cache, ...outs]),
    run("three hosts at once", [`${three.join(" & ")} & wait`], [cache, ...outs]),
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
