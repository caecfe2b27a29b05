// Loaded as a module: browsers that know no modules get the pages as they are, and the pages work as they are.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
