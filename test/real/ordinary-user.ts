import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { copyProgram } from "./copy-program.ts";
import { judge } from "./mkimage.ts";
import { makeScene, type Scene } from "./scene.ts";

const nobody = 65534;

/** The means of an ordinary user: no KVM, no sbin in PATH, and Nix by its daemon or not at all. */
export interface User {
  readonly scene: Scene;
  /** The folder that the program is called in. */
  readonly home: string;
  readonly through: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The program stands in a folder of its own, since the user may not be allowed into this one. */
export function ordinaryUser(t: ExecutionContext, daemonSocket: string): User {
  const scene = makeScene(t);
  const [home, locked] = ["home", "locked"].map((name) => join(scene.folder, name)) as [string, string];
  chmodSync(scene.folder, 0o755);
  mkdirSync(home);
  for (const path of [home, scene.work, scene.temporary]) chownSync(path, nobody, nobody);
  const program = copyProgram(join(scene.folder, "program"));
  writeFileSync(locked, "", { mode: 0o600 });
  const script = `[ ! -e /dev/kvm ] || mount --bind '${locked}' /dev/kvm
    cd '${home}'; shift
    exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups -- '${program}' "$@"`;
  return {
    scene,
    home,
    through: ["/usr/bin/unshare", "--mount", "/bin/sh", "-euc", script, "sh"],
    environment: { HOME: home, PATH: "/usr/bin:/bin", NIX_DAEMON_SOCKET_PATH: daemonSocket },
  };
}

/** A folder as nixpkgs' closureInfo makes it. */
export function closureInfoOf(toplevel: string, parent: string): string {
  const folder = join(parent, "closure-info");
  mkdirSync(folder);
  const paths = judge("nix-store", "--query", "--requisites", toplevel).trim().split("\n");
  writeFileSync(join(folder, "store-paths"), `${paths.join("\n")}\n`);
  writeFileSync(join(folder, "registration"), execFileSync("nix-store", ["--dump-db", ...paths]));
  return folder;
}
