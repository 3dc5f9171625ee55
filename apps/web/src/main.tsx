import { createRoot } from "react-dom/client";
import { StudioPage } from "./screens/studio-page.js";
import { Studio } from "./state/studio.js";
import { followTheme } from "./state/theme.js";

const place = document.getElementById("studio");
if (!place) throw new Error("the page has no place for the studio");
const studio = new Studio(location.search);
followTheme(studio.memory, document.documentElement);
createRoot(place).render(<StudioPage studio={studio} />);
