import type { DeviceImage } from "../image/image.ts";
import type { DeviceReport, DeviceWriteOptions } from "../machine/write-device.ts";
import type { RemoteHost } from "../remote/address.ts";
import type { Connection } from "../remote/connection.ts";
import type { InspectedRemote } from "../remote/inspect-remote.ts";
import type { StagedDisk, StageOptions } from "../remote/stage-remote.ts";
import type { RemoteTarget } from "../remote/remote-target.ts";
import type { SshWishes } from "../remote/ssh-arguments.ts";
import type { Clock } from "../runtime/clock.ts";
import type { BootEntry } from "./boot-entry.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { makeRescue } from "./make-rescue.ts";
import type { Sight } from "./observe.ts";
import type { enterRescue } from "./rescue/enter-rescue.ts";
import type { WrittenDisk } from "./write-disks.ts";

/** All by which a deployment reaches other machines, and the time, so that tests can put others in their place. */
export interface DeployHost {
  connect(host: RemoteHost, wishes: SshWishes): Promise<Connection>;
  askFacts(connection: Connection, signal: AbortSignal): Promise<TargetFacts>;
  /** Makes the rescue system for a machine, and does nothing to it. */
  readonly makeRescue: typeof makeRescue;
  /** Starts a machine into its rescue system, and returns the connection to that. */
  readonly enterRescue: typeof enterRescue;
  inspect(connection: Connection, path: string, signal: AbortSignal): Promise<InspectedRemote>;
  stage(target: RemoteTarget, image: DeviceImage, options: StageOptions): Promise<StagedDisk>;
  finish(target: RemoteTarget, staged: StagedDisk, options: DeviceWriteOptions): Promise<DeviceReport>;
  /** Tells a machine's firmware what it is to start. */
  writeBootEntry(connection: Connection, entry: BootEntry, disks: readonly WrittenDisk[]): Promise<void>;
  /** Has a machine restart, and returns before it does. */
  restart(connection: Connection): Promise<void>;
  observe(host: RemoteHost, wishes: SshWishes): Promise<Sight>;
  readonly clock: Clock;
}
