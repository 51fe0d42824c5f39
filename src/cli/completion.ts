import { Argument, Command } from "commander";
import { verbsOf } from "./manual/command-tree.ts";
import { completionScript, type Shell, shells } from "./manual/completion.ts";

/** `mkimage completion SHELL`: a script for a shell's start-up file. */
export function completionCommand(): Command {
  const command = new Command("completion").description("print the completion script for a shell");
  return command
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(shells))
    .addHelpText("after", '\nExample:\n  eval "$(mkimage completion bash)"')
    .action((shell: Shell) => {
      if (command.parent !== null) process.stdout.write(completionScript(shell, verbsOf(command.parent)));
    });
}
