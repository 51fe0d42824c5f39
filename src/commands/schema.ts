import { Command } from "commander";
import { requestJsonSchema } from "../request/flags.ts";

/** `mkimage schema`: the JSON Schema of a `--config` file. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of a --config file")
    .action(() => void process.stdout.write(`${JSON.stringify(requestJsonSchema(), null, 2)}\n`));
}
