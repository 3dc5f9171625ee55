import { StrictMode } from "react";
import { ErrorBoundary } from "../components/error-boundary.js";
import { StudioProvider } from "../hooks/use-studio.js";
import type { Studio } from "../state/studio.js";
import { Broken } from "./broken.js";
import { Screens } from "./screens.js";

/** All that the page shows of `studio`. */
export function StudioPage({ studio }: { readonly studio: Studio }) {
  return (
    <StrictMode>
      <StudioProvider value={studio}>
        <ErrorBoundary fallback={<Broken />}>
          <Screens />
        </ErrorBoundary>
      </StudioProvider>
    </StrictMode>
  );
}
