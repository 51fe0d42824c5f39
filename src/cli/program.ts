import { Command } from "commander";
import { buildCommand } from "./build.ts";
import { completionCommand } from "./completion.ts";
import { deployCommand } from "./deploy.ts";
import { diffCommand } from "./diff.ts";
import { diskoCommand } from "./disko.ts";
import { installCommand } from "./install.ts";
import { inspectCommand } from "./inspect.ts";
import { manualCommand } from "./manual.ts";
import { planCommand } from "./plan.ts";
import { ownVersion } from "../runtime/project-folder.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { verifyCommand } from "./verify.ts";
import { writeCommand } from "./write.ts";

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
    deployCommand(signal),
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
