import ava, { leftOut } from "./ava.config.js";
import { writeGroups } from "./test/together/groups.ts";

// What `make test` and `make test-unit` run: all tests, those of a folder that boots no machine in one process.
export default { ...ava, files: [...writeGroups(import.meta.dirname), "test/{fuzz,real}/**/*.test.ts", ...leftOut] };
