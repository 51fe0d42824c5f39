import { Command } from "commander";
import { verbsOf } from "./manual/command-tree.ts";
import { manualPage } from "./manual/manual-page.ts";
import { ownVersion } from "../runtime/project-folder.ts";

/** `mkimage manual`: the manual page, for `man -l` and for packages. */
export function manualCommand(): Command {
  const command = new Command("manual").description("print the manual page in roff: mkimage manual | man -l -");
  return command.action(() => {
    if (command.parent !== null) process.stdout.write(manualPage(verbsOf(command.parent), ownVersion()));
  });
}
