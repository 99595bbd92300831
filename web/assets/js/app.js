/** Starts the components that pages use; each page works without them. */
import {
  Button,
  Checkboxes,
  createAll,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
} from 'govuk-frontend';

import { startDates } from './dates.js';

// Components refuse to start without this class on the body; boot.js sets it
// too, but a page may leave boot.js out.
document.body.classList.add('govuk-frontend-supported');

const COMPONENTS = [
  Button,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
];

for (const Component of COMPONENTS) createAll(Component);
startDates(document);
