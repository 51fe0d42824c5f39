import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { cacheFolder } from "../../src/runtime/cache-folder.ts";

for (const [what, environment, folder] of [
  ["the user's", { HOME: "/home/alice" }, "/home/alice/.cache/mkimage"],
  ["the one that is set", { HOME: "/home/alice", XDG_CACHE_HOME: "/cache" }, "/cache/mkimage"],
  ["the build's own, in a build of Nix's", { HOME: "/homeless-shelter" }, join(tmpdir(), ".cache/mkimage")],
] as const) {
  test.serial(`the cache is ${what}`, (t) => {
    const { HOME, XDG_CACHE_HOME } = process.env;
    t.teardown(() => Object.assign(process.env, { HOME, ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }) }));
    delete process.env["XDG_CACHE_HOME"];
    Object.assign(process.env, environment);
    t.is(cacheFolder(), folder);
  });
}
