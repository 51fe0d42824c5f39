import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Scope } from "./loop-device.ts";

/** A port of a switch between a machine's card and its network, which has frames of one VLAN, tagged. */
export interface SwitchPort {
  /** The paths of sockets, for QEMU's network backend `stream`. */
  readonly card: string;
  readonly network: string;
  /** From here on the machine gets frames as they are, and what it tags is dropped, as at a port of one VLAN alone. */
  untag(): void;
}

/** Source: IEEE 802.1Q. The tag is behind the addresses of receiver and sender. */
const tagType = 0x8100;
const tagOffset = 12;

/** Opens a port, which ends with the test. Frames of other VLANs, and those without a tag, do not pass. */
export async function switchPort(t: Scope, folder: string, vlan: number): Promise<SwitchPort> {
  const sides: { card?: Socket; network?: Socket } = {};
  let isTagged = true;
  const tag = Buffer.alloc(4);
  tag.writeUInt16BE(tagType);
  tag.writeUInt16BE(vlan, 2);
  const fromCard = (frame: Buffer) => {
    const found = frame.readUInt16BE(tagOffset) === tagType ? frame.readUInt16BE(tagOffset + 2) & 0xfff : undefined;
    if (!isTagged && found === undefined) send(sides.network, frame);
    if (!isTagged || found !== vlan) return;
    send(sides.network, Buffer.concat([frame.subarray(0, tagOffset), frame.subarray(tagOffset + 4)]));
  };
  const fromNetwork = (frame: Buffer) => {
    const tagged = [frame.subarray(0, tagOffset), tag, frame.subarray(tagOffset)];
    send(sides.card, isTagged ? Buffer.concat(tagged) : frame);
  };
  const [card, network] = [join(folder, "card"), join(folder, "network")];
  await listen(t, card, (socket) => frames((sides.card = socket), fromCard));
  await listen(t, network, (socket) => frames((sides.network = socket), fromNetwork));
  return { card, network, untag: () => void (isTagged = false) };
}

async function listen(t: Scope, path: string, onSocket: (socket: Socket) => void): Promise<void> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onSocket(socket);
  });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

/** Source: QEMU, net/socket.c: each frame of a stream is behind its length, in four bytes. */
function frames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      onFrame(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  });
}

function send(socket: Socket | undefined, frame: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  socket?.write(Buffer.concat([length, frame]));
}
