import { releaseNatives } from "@roomtone/node-audio";
import { describeRoomDriver } from "@roomtone/testing";
import { afterAll } from "vitest";
import { openRtcExamEnvironment } from "./support/exam-environment.js";

afterAll(releaseNatives);

describeRoomDriver("rtc", openRtcExamEnvironment);
