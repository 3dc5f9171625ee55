import { Tabs } from "@base-ui/react/tabs";
import { useEffect } from "react";
import { ChatPanel } from "../components/chat-panel.js";
import { HealthPanel } from "../components/health-panel.js";
import { LiveNotices } from "../components/live-notices.js";
import { OwnChannel } from "../components/own-channel.js";
import { People } from "../components/people.js";
import { PeopleCount } from "../components/people-count.js";
import { TopBar } from "../components/top-bar.js";
import { useHoldToTalk } from "../hooks/use-hold-to-talk.js";
import { useMedia } from "../hooks/use-media.js";
import { useStore } from "../hooks/use-studio.js";
import type { Chat } from "../state/chat.js";
import type { Stay } from "../state/stay.js";

/** In the room. Who speaks, and much else, changes several times a second: each part follows what it shows, and the whole nothing. */
export function Live({ stay }: { readonly stay: Stay }) {
  useHoldToTalk(stay);
  // What this screen is made of may have come after it, and the focus with it.
  useEffect(() => document.querySelector<HTMLElement>("h1")?.focus(), []);
  const chatBeside = useMedia("(min-width: 1120px)");
  return (
    <div className="live">
      <TopBar stay={stay} />
      <main className="live-main">
        <LiveNotices stay={stay} />
        <OwnChannel stay={stay} />
        <Tabs.Root defaultValue="people" className="stage">
          <Tabs.List className="tabs">
            <Tabs.Tab value="people" className="tab">
              People <Count stay={stay} />
            </Tabs.Tab>
            {!chatBeside && (
              <Tabs.Tab value="chat" className="tab">
                Chat <Unread chat={stay.chat} />
              </Tabs.Tab>
            )}
            <Tabs.Tab value="health" className="tab">
              Health
            </Tabs.Tab>
          </Tabs.List>
          {!chatBeside && <ChatNews chat={stay.chat} />}
          <Tabs.Panel value="people" className="panel">
            <People stay={stay} onSkip={chatBeside ? toChat : undefined} />
          </Tabs.Panel>
          {!chatBeside && (
            <Tabs.Panel value="chat" className="panel">
              <ChatPanel stay={stay} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="health" className="panel">
            <HealthPanel stay={stay} />
          </Tabs.Panel>
        </Tabs.Root>
        {chatBeside && (
          <aside className="chat-beside" aria-labelledby="chat-heading">
            <h2 id="chat-heading">Chat</h2>
            <ChatPanel stay={stay} />
          </aside>
        )}
      </main>
    </div>
  );
}

function toChat(): void {
  document.querySelector<HTMLElement>(".message-form textarea")?.focus();
}

function Count({ stay }: { readonly stay: Stay }) {
  return <PeopleCount room={useStore(stay).room} />;
}

/** For who does not see the tab. */
function ChatNews({ chat }: { readonly chat: Chat }) {
  const { unread } = useStore(chat);
  return (
    <p className="visually-hidden" role="status">
      {unread === 0 ? "" : unread === 1 ? "A new message in the chat" : `${unread} new messages in the chat`}
    </p>
  );
}

function Unread({ chat }: { readonly chat: Chat }) {
  const { unread } = useStore(chat);
  return unread > 0 ? <span className="count">{unread} new</span> : null;
}
