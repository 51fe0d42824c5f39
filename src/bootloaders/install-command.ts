import { shellWords } from "./shell-words.ts";

/**
 * The command that `bin/switch-to-configuration` installs the bootloader with, as NixOS has written it over the years: a
 * variable that a shell wrapper exports, one that a binary wrapper sets, a here-document or a `system` call in Perl.
 * `undefined` when the program names none.
 */
export function installCommandIn(program: Buffer): string | undefined {
  if (program.subarray(0, 4).equals(elfMagic)) return binaryWrapperCommand(program);
  const text = program.toString("utf8");
  return shellWrapperCommand(text) ?? hereDocumentCommand(text) ?? perlSystemCommand(text);
}

const elfMagic = Buffer.from("\x7fELF", "latin1");

/** A binary wrapper calls putenv with a constant string, which ends with a NUL. */
function binaryWrapperCommand(program: Buffer): string | undefined {
  const key = Buffer.from("\0INSTALL_BOOTLOADER=");
  const start = program.indexOf(key);
  if (start < 0) return undefined;
  const end = program.indexOf(0, start + key.length);
  return program.toString("utf8", start + key.length, end < 0 ? undefined : end);
}

function shellWrapperCommand(text: string): string | undefined {
  const assignment = /^[ \t]*(?:export[ \t]+)?INSTALL_BOOTLOADER=(.*)$/m.exec(text)?.[1];
  const words = assignment === undefined ? undefined : shellWords(assignment);
  return words?.length === 1 ? words[0] : undefined;
}

function hereDocumentCommand(text: string): string | undefined {
  return /<<\s*'EOFBOOTLOADER'.*\n([\s\S]*?)\nEOFBOOTLOADER$/m.exec(text)?.[1];
}

function perlSystemCommand(text: string): string | undefined {
  return /\bsystem\("([^"$@]+) \$(?:out|toplevel)"\)/.exec(text)?.[1];
}
