import { gptSignature } from "../../../structures/gpt/header.ts";
import type { ShellParts } from "../../../runtime/shell-parts.ts";
import { tableFunctions } from "../../steps/table-functions.ts";

/** The parts of GUID partition tables in scripts. */
export const gptShell: ShellParts = {
  functions: tableFunctions,
  lost: {
    what: "the backup of a gpt table whose primary is lost",
    found: { by: "condition", condition: `tail -c 4096 "$1" | grep -qa '${gptSignature}'`, tools: ["tail", "grep"] },
  },
};
