import { basename } from "node:path";
import type { Bootloader } from "./bootloader.ts";

/** Recognises an installer that only itself can run, by its file's name, or by what its script calls. */
export function foreignInstaller(name: string, mark: RegExp): Bootloader["recognise"] {
  return ({ path, script }) =>
    mark.test(basename(path)) || mark.test(script)
      ? { reason: `its bootloader is ${name}, which only its own installer can install` }
      : undefined;
}
