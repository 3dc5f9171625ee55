/**
 * To be imported first: from here on V8 only interprets, and learns nothing of how code is used. What it compiles and learns grows for
 * half an hour and more, by some MiB, is reachable, and says nothing of what we hold.
 */
import { setFlagsFromString } from "node:v8";

for (const flag of ["--no-opt", "--no-maglev", "--no-sparkplug", "--invocation-count-for-feedback-allocation=1000000000"]) {
  setFlagsFromString(flag);
}
