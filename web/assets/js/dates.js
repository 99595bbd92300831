/**
 * A whole date that is pasted into one box of a date is put into all three, day first or year first.
 *
 * What could be more than one day, or is none, is pasted as it is. Without this the server reads the
 * same (web/forms/typed_dates.py).
 */
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAY = /^(mon|tues|wednes|thurs|fri|satur|sun)day$/i;
const BETWEEN = /[\s/.,\u2010-\u2015-]+/;
const PARTS = ['day', 'month', 'year'];

/** Returns day, month and year of a text that is a date, as numbers in texts, else null. */
export function partsOf(text) {
  const words = text.split(BETWEEN).filter((each) => each && !WEEKDAY.test(each));
  if (words.length !== PARTS.length) return null;
  const [first, second, third] = words.map((each) =>
    each.replace(/^(\d{1,2})(st|nd|rd|th)$/i, '$1'),
  );
  if (/^\d{4}$/.test(first)) return real(third, second, first);
  if (!/^\d{4}$/.test(third)) return null;
  return /^\d/.test(first) ? real(first, second, third) : real(second, first, third);
}

function real(day, month, year) {
  const number = monthOf(month);
  if (!/^\d{1,2}$/.test(day) || number === 0) return null;
  const found = new Date(Date.UTC(2000, 0, 1));
  found.setUTCFullYear(Number(year), number - 1, Number(day));
  return found.getUTCDate() === Number(day) && found.getUTCMonth() === number - 1
    ? [String(Number(day)), String(number), year]
    : null;
}

function monthOf(text) {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= MONTHS.length ? Number(text) : 0;
  const name = text.toLowerCase() === 'sept' ? 'sep' : text.toLowerCase();
  return name.length >= 3 ? MONTHS.findIndex((each) => each.startsWith(name)) + 1 : 0;
}

/** Listens on `page` for what is pasted into dates, those of rows that come later included. */
export function startDates(page) {
  page.addEventListener('paste', (event) => {
    const boxes = event.target.closest?.('.govuk-date-input')?.querySelectorAll('input') ?? [];
    const parts = partsOf(event.clipboardData?.getData('text') ?? '');
    if (boxes.length !== PARTS.length || parts === null) return;
    event.preventDefault();
    for (const [place, box] of boxes.entries()) {
      box.value = parts[place];
      box.dispatchEvent(new window.Event('input', { bubbles: true }));
    }
  });
}
