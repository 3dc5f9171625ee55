import { testSleep } from "./asleep.js";

testSleep(300, "5 minutes");
