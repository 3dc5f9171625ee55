import { Tabs } from "@base-ui/react/tabs";
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
import type { Stay } from "../state/stay.js";

/** In the room. */
export function Live({ stay }: { readonly stay: Stay }) {
  useHoldToTalk(stay);
  const { room } = useStore(stay);
  const { unread } = useStore(stay.chat);
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
              People <PeopleCount room={room} />
            </Tabs.Tab>
            {!chatBeside && (
              <Tabs.Tab value="chat" className="tab">
                Chat {unread > 0 && <span className="count">{unread} new</span>}
              </Tabs.Tab>
            )}
            <Tabs.Tab value="health" className="tab">
              Health
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="people" className="panel">
            <People stay={stay} />
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
