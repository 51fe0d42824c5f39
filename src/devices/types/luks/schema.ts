import * as z from "zod";
import type { DeviceContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { device, extraArguments, nodeType, optional, required, withDefault } from "../../schema/option.ts";

const path = z.string().startsWith("/", "must be an absolute path");

const luksOptions = z.strictObject({
  type: nodeType("luks"),
  name: required(z.string().min(1), "The name of the opened container, under `/dev/mapper`."),
  passwordFile: optional(path, "The file that holds the password of the first key slot."),
  keyFile: optional(path, "As `settings.keyFile`, but only for formatting. Deprecated in disko."),
  askPassword: optional(z.boolean(), "Ask for the password. `null`: when no file is given, and no token enrolled."),
  settings: withDefault(
    z.record(z.string(), z.unknown()),
    {},
    "What `boot.initrd.luks.devices.NAME` takes: `keyFile`, `keyFileSize`, `keyFileOffset`, `allowDiscards`, `bypassWorkqueues` and so on.",
  ),
  additionalKeyFiles: withDefault(z.array(path), [], "Files with further keys."),
  initrdUnlock: withDefault(z.boolean(), true, "Open the container in the initrd."),
  enrollFido2: withDefault(
    z.boolean(),
    false,
    "Enroll a FIDO2 token, with systemd-cryptenroll. Without another key it is the only one. Not in images.",
  ),
  extraFido2EnrollArgs: extraArguments("systemd-cryptenroll"),
  enrollRecovery: optional(
    z.boolean(),
    "Enroll a recovery key, which is shown at the terminal. `null`: when a FIDO2 token is enrolled. Not in images.",
  ),
  uuid: optional(z.string(), "The UUID of the container. `null`: derived from the seed. Beyond disko."),
  extraFormatArgs: extraArguments("cryptsetup luksFormat"),
  extraOpenArgs: extraArguments("cryptsetup open"),
  device,
  ...hooks,
});

/** An encrypted container. */
export interface LuksNode extends z.output<typeof luksOptions> {
  content: DeviceContent | null;
}

/** The schema of a LUKS container that holds `content`. */
export function luksNode(content: z.ZodType<DeviceContent, unknown>) {
  return luksOptions
    .extend({ content: optional(content, "What is in the container.") })
    .meta({ title: "luks", description: "An encrypted container." });
}
