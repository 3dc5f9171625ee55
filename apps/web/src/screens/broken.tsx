import { Brand } from "../components/brand.js";

/** Part of the page broke, or did not load. */
export function Broken() {
  return (
    <div className="centre">
      <title>Part of this page is missing · Roomtone</title>
      <header className="bar">
        <Brand />
      </header>
      <main className="card ending">
        <div className="ending-words" role="alert">
          <h1 tabIndex={-1}>Part of this page is missing</h1>
          <p>It broke, or could not be fetched from the server. Loading the page again leaves the room; you can come straight back.</p>
        </div>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Load the page again
        </button>
      </main>
    </div>
  );
}
