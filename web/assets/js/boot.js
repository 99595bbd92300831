/** Tells the style sheet, before the first paint, that scripts run here. */
document.documentElement.classList.add('app-scripts');
document.addEventListener(
  'DOMContentLoaded',
  () => document.body.classList.add('govuk-frontend-supported'),
  { once: true },
);
