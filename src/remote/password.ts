import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { SshWishes } from "./ssh-arguments.ts";

/**
 * The wishes for a connection whose password is in the variable SSHPASS: ssh has a program print it, in place of asking at the terminal.
 * The password itself is in no file and no argument.
 *
 * Source: ssh(1), SSH_ASKPASS_REQUIRE (OpenSSH 8.4 or newer).
 *
 * @param folder where that program is, as long as somebody connects.
 * @throws MkimageError BAD_REQUEST when the variable is not set.
 */
export function byPassword(
  wishes: SshWishes,
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): SshWishes {
  if ((variables["SSHPASS"] ?? "") === "") {
    throw new MkimageError("BAD_REQUEST", "--env-password: the variable SSHPASS is not set", {
      hint: "read it without showing it: read -rs SSHPASS && export SSHPASS",
    });
  }
  const program = join(folder, "print-password");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$SSHPASS"\n`, { mode: 0o700 });
  return {
    ...wishes,
    options: [...wishes.options, "NumberOfPasswordPrompts=1"],
    environment: { ...wishes.environment, SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: "force" },
  };
}
