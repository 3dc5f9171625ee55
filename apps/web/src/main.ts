import { type RemoteParticipant, RoomEvent, setLogLevel } from "livekit-client";
import { ListeningRoom, type RoomStatus } from "./listening-room.js";
import { PeopleView } from "./people-view.js";
import { Playback } from "./playback.js";

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}

// Its log tells of every connection: a page that is left open should not fill the console.
setLogLevel("silent");

const query = new URLSearchParams(location.search);
const roomName = query.get("room") || undefined;
const heading = element("room", HTMLElement);
const statusLine = element("status", HTMLElement);
const listenButton = element("listen", HTMLButtonElement);
const againButton = element("again", HTMLButtonElement);
const volumeControl = element("volume-control", HTMLElement);
const volume = element("volume", HTMLInputElement);

let status: RoomStatus = { kind: "waiting", text: "Opening the room…" };
const listening = new ListeningRoom(roomName, (next) => {
  status = next;
  render();
});
const { room } = listening;
const people = new PeopleView(element("people", HTMLElement), element("quiet", HTMLElement));
const playback = new Playback(room);

function liveText(tracks: number): string {
  if (tracks === 0) return "Connected, and waiting for somebody to publish.";
  if (!playback.audible) return "Live. Press Listen to hear the room.";
  return tracks === 1 ? "Live: you hear one track." : `Live: you hear ${tracks} tracks.`;
}

function byName(participants: readonly RemoteParticipant[]): RemoteParticipant[] {
  return participants.toSorted((a, b) => (a.name || a.identity).localeCompare(b.name || b.identity));
}

function setText(target: HTMLElement, text: string): void {
  // Written again, the same text would be read out again.
  if (target.textContent !== text) target.textContent = text;
}

function render(): void {
  const name = room.name || roomName;
  setText(heading, name ?? "Roomtone");
  document.title = name ? `${name} · Roomtone` : "Roomtone";
  playback.update();
  const tracks = people.show(status.kind === "live" ? byName([...room.remoteParticipants.values()]) : []);
  statusLine.dataset["kind"] = status.kind;
  setText(statusLine, status.kind === "live" ? liveText(tracks) : status.text);
  const { audible } = playback;
  listenButton.hidden = status.kind === "ended";
  setText(listenButton, audible ? "Stop listening" : "Listen");
  listenButton.classList.toggle("primary", !audible);
  volumeControl.hidden = !audible || status.kind === "ended";
  againButton.hidden = status.kind !== "ended";
}

listenButton.addEventListener("click", async () => {
  if (playback.audible) playback.stop();
  else await playback.listen();
  render();
});
againButton.addEventListener("click", () => void listening.join());
volume.addEventListener("input", () => playback.setVolume(volume.valueAsNumber / 100));

// Any click or key lets the page measure what it plays.
for (const gesture of ["pointerup", "keyup"] as const) document.addEventListener(gesture, render);

for (const event of [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.AudioPlaybackStatusChanged,
] as const) {
  room.on(event, render);
}

function draw(nowMs: number): void {
  people.showLevels((publication, participant) => playback.levelOf(publication, participant), nowMs);
  requestAnimationFrame(draw);
}

render();
requestAnimationFrame(draw);
// `&listen` in the link asks to play at once; a browser that wants a click first shows the button.
if (query.has("listen")) void playback.listen().then(render);
void listening.join();
