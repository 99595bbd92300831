/**
 * Makes a task's form easier to fill in; without it the form works all the same.
 *
 * <form data-app-task data-save-to="/…/draft">: questions show when they matter, rows come and go
 * without a reload, what changed since last time is marked, and what was typed is saved by itself.
 */
import { startConditions } from './task/conditions.js';
import { startMarks } from './task/marks.js';
import { startRows } from './task/rows.js';
import { startSaving } from './task/saving.js';

for (const form of document.querySelectorAll('form[data-app-task]')) {
  startConditions(form);
  startRows(form);
  startMarks(form);
  startSaving(form);
}
