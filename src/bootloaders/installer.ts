import type { BootPlaces } from "./bootloader.ts";
import type { HostInstaller } from "./host-installer.ts";
import type { BootloaderName } from "./registry.ts";

/** The installer of the bootloader of a system. */
export type Installer =
  | {
      readonly kind: BootloaderName;
      /** INSTALL_BOOTLOADER. */
      readonly command: string;
      /** Where it has its partitions, as far as its settings say. */
      readonly places: BootPlaces;
      readonly host: HostInstaller;
    }
  | {
      readonly kind: BootloaderName | "unknown" | "none";
      /** `undefined` when there is none. */
      readonly command: string | undefined;
      readonly places?: BootPlaces | undefined;
      readonly host?: undefined;
      /** The reason why the host cannot take over: the end of a sentence. */
      readonly reason: string;
    };
