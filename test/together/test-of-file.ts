import ava from "ava";
import { testOf } from "./test-of.ts";
import { ownTurns } from "./turns.ts";

// Stands for "ava" in a file of tests that shares its process: `?file=` names the file.
const file = new URL(import.meta.url).searchParams.get("file") ?? "";

// oxlint-disable-next-line import/no-default-export -- as ava has it
export default testOf(file, ava, ownTurns);
