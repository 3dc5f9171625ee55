import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "./components/error-boundary.js";
import { StudioProvider } from "./hooks/use-studio.js";
import { Broken } from "./screens/broken.js";
import { Screens } from "./screens/screens.js";
import { Studio } from "./state/studio.js";
import { followTheme } from "./state/theme.js";

const place = document.getElementById("studio");
if (!place) throw new Error("the page has no place for the studio");
const studio = new Studio(location.search);
followTheme(studio.memory, document.documentElement);
createRoot(place).render(
  <StrictMode>
    <StudioProvider value={studio}>
      <ErrorBoundary fallback={<Broken />}>
        <Screens />
      </ErrorBoundary>
    </StudioProvider>
  </StrictMode>,
);
