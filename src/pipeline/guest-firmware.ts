import { join } from "node:path";
import type { Architecture } from "../guest/architecture.ts";
import { copyVariables, findFirmware } from "../guest/firmware.ts";
import type { MachineFirmware } from "../guest/qemu.ts";
import type { Request } from "../request/schema.ts";

/**
 * The firmware of a guest that may write the firmware's variables, and a copy of those in a folder.
 *
 * @throws MkimageError MISSING_TOOL.
 */
export function firmwareFor(request: Request, architecture: Architecture, folder: string): MachineFirmware {
  const firmware = findFirmware({
    architecture,
    ...(request.firmware === undefined ? {} : { executable: request.firmware }),
    ...(request.variables === undefined ? {} : { variables: request.variables }),
  });
  const variables = join(folder, "efi-vars.fd");
  copyVariables(firmware, variables);
  return { ...firmware, variables };
}
