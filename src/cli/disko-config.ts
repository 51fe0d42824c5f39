import { Command } from "commander";
import { requireSolvable } from "../machine/machine-setting.ts";
import { nixosModule } from "../devices/nixos/nixos-module.ts";
import { addAppearanceOptions } from "./appearance.ts";
import { addTreeOptions, readTree, type TreeFlags } from "./tree-options.ts";
import { type WatchFlags, watchingSteps } from "./watch-steps.ts";

/** `mkimage disko config`: the NixOS module of a device tree. */
export function diskoConfigCommand(signal: AbortSignal): Command {
  const command = new Command("config")
    .description("print the NixOS module of a device tree: fileSystems, swapDevices, LUKS, GRUB's devices")
    .exitOverride()
    .action(async (file: string | undefined, _own: TreeFlags, self: Command) => {
      // Options that `disko` has too are read there.
      const flags = self.optsWithGlobals<TreeFlags & WatchFlags>();
      await watchingSteps(flags, signal, async (watch) => {
        const tree = await readTree(file === undefined ? [] : [file], flags, signal, watch.onNote);
        requireSolvable(tree);
        const module = nixosModule(tree).trimEnd();
        watch.product(module, { module });
      });
    });
  return addAppearanceOptions(addTreeOptions(command));
}
