import { Command } from "commander";
import { buildCommand } from "./commands/build.ts";
import { completionCommand } from "./commands/completion.ts";
import { diffCommand } from "./commands/diff.ts";
import { diskoCommand } from "./commands/disko.ts";
import { installCommand } from "./commands/install.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { manualCommand } from "./commands/manual.ts";
import { planCommand } from "./commands/plan.ts";
import { ownVersion } from "./process/project-folder.ts";
import { runCommand } from "./commands/run.ts";
import { schemaCommand } from "./commands/schema.ts";
import { verifyCommand } from "./commands/verify.ts";
import { writeCommand } from "./commands/write.ts";

/** The whole command line. A call without a verb is `build`. `signal` ends whatever runs. */
export function program(signal: AbortSignal): Command {
  const root = new Command("mkimage")
    .description("turns a NixOS system into disk images: no root, no KVM, exact sizes, the same bytes every time")
    .version(ownVersion())
    .showHelpAfterError("(mkimage --help lists the commands, mkimage build --help the options)");
  const verbs = [
    buildCommand(signal),
    planCommand(signal),
    schemaCommand(),
    writeCommand(signal),
    diskoCommand(signal),
    installCommand(signal),
    runCommand(signal),
    verifyCommand(signal),
    inspectCommand(signal),
    diffCommand(signal),
    completionCommand(),
    manualCommand(),
  ];
  verbs.forEach((verb, index) => root.addCommand(verb, { isDefault: index === 0 }));
  for (const command of [root, ...verbs]) command.exitOverride();
  return root;
}
