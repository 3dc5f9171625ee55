// Stands where the bootstrap stands: `signals-parent.mjs CHILD`.
import process from "node:process";
import { runTransparently } from "../transparent-child.mjs";

runTransparently(process.execPath, ["--disable-warning=ExperimentalWarning", process.argv[2] ?? ""], {
  cwd: process.cwd(),
  env: process.env,
});
