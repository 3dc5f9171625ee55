import { testSleep } from "./asleep.js";

// Longer than the server's patience with who says nothing.
testSleep(20, "20 s");
