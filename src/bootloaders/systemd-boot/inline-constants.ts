import { Obstacle } from "./obstacle.ts";

/**
 * The values that builders up to NixOS 23.11 have in the middle of their code.
 *
 * @throws Obstacle naming the value that is not found, or found with two meanings.
 */
export function inlineConstants(program: string) {
  const espMountPoint = only(program, "the ESP's mount point", /open\("([^"]+)\/loader\/loader\.conf\.tmp", 'w'\)/g);
  return {
    espMountPoint,
    bootMountPoint: espMountPoint,
    nixosFolder: only(program, "the folder of kernels", /efi_file_path = "\/([^"]+)\/%s-%s\.efi"/g),
    timeout: only(program, "the timeout", /if "([^"]*)" != "":\s*f\.write\("timeout \1\\n"\)/g),
    editor: only(program, "the editor", /if not (True|False):\s*f\.write\("editor 0\\n"\)/g) === "True",
    consoleMode: only(program, "the console mode", /f\.write\("console-mode ([^"\\]+)\\n"\)/g),
    rebootForBitlocker: false,
    distroName: only(program, "the title", /title = "([^"{}]+)\{profile\}\{specialisation\}"\.format/g),
    systemd: only(program, "systemd", /\["([^"]+)\/bin\/bootctl", "--esp-path=/g),
    touchesEfiVariables: only(program, "canTouchEfiVariables", /if "([^"]*)" != "1":\s*bootctl_flags/g) === "1",
    copyExtraFiles: only(program, "the script for extra files", /subprocess\.check_call\("([^"]+)"\)/g),
    namesByStorePath: false,
    bootCountingTries: undefined,
  };
}

function only(program: string, what: string, pattern: RegExp): string {
  const found = new Set([...program.matchAll(pattern)].map((match) => match[1] ?? ""));
  const [value] = found;
  if (value !== undefined && found.size === 1) return value;
  throw new Obstacle(`its builder does not say ${what} as mkimage knows it`);
}
