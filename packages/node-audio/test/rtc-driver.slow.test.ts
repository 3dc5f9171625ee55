import { releaseNatives, rtcDriver } from "@roomtone/node-audio";
import { describeRoomDriver } from "@roomtone/testing";
import { afterAll } from "vitest";
import { openExamEnvironment } from "./support/exam-environment.js";

afterAll(releaseNatives);

describeRoomDriver("rtc", () => openExamEnvironment(rtcDriver()));
