import { deviceManual } from "./manual.ts";

// node src/devices/print-manual.ts > docs/devices.md
process.stdout.write(deviceManual());
