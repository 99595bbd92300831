/** Starts the components that pages use; each page works without them. */
import { Alert, SortableTable } from '@ministryofjustice/frontend';
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
  createAll,
} from 'govuk-frontend';

// CharacterCount and friends refuse to start without this class on the body; boot.js sets it
// too, but a page may leave boot.js out.
document.body.classList.add('js-enabled', 'govuk-frontend-supported');

const COMPONENTS = [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
  Alert,
  SortableTable,
];

for (const Component of COMPONENTS) createAll(Component);
