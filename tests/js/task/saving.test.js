import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';

import { startSaving } from '../../../web/assets/js/task/saving.js';
import { fire, give, show, type } from '../page.js';

const MOMENT = 2500;
const SAVED = { saved: '9:31am', sections: [], overtaken: [] };

const answer = (body = SAVED, status = 200) => new Response(JSON.stringify(body), { status });

/** A task's form that saves itself, with a server that gives `answers` in turn. */
function started(...answers) {
  const window = show(`<form data-save-to="/draft">
    <p data-app-saving></p>
    <input name="views" value=""><input type="hidden" name="seen-family" value="1">
  </form>
  <strong class="govuk-tag" data-app-status="family">Not started</strong>
  <p data-app-saved="family"></p>`);
  const { document } = window;
  const form = document.querySelector('form');
  const sent = [];
  const beacons = [];
  give({
    fetch: async (url, { body }) => {
      sent.push(`${url} ${body}`);
      const next = answers.shift() ?? answer();
      if (next instanceof Error) throw next;
      return next;
    },
    navigator: { sendBeacon: (url, body) => beacons.push(`${url} ${body}`) },
  });
  startSaving(form);
  return {
    window,
    form,
    sent,
    beacons,
    input: document.querySelector('[name=views]'),
    one: (selector) => document.querySelector(selector),
    says: () => document.querySelector('[data-app-saving]').textContent,
  };
}

/** Lets a moment pass, and then all that waits for the server's answer. */
async function wait(milliseconds = MOMENT) {
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe('a form that saves itself', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  describe('what was typed', () => {
    it('is saved a moment after the last key', async () => {
      const page = started();
      type(page.input, 'Near');
      await wait(MOMENT - 1);
      type(page.input, 'Near school');
      await wait(MOMENT - 1);
      assert.deepEqual(page.sent, []);

      await wait(1);
      assert.deepEqual(page.sent, ['/draft views=Near+school&seen-family=1']);
      assert.equal(page.says(), 'Saved at 9:31am');
    });

    it('is saved once', async () => {
      const page = started();
      type(page.input, 'Near school');
      await wait();

      await wait();

      assert.equal(page.sent.length, 1);
    });

    it('while the answer is awaited is saved after it', async () => {
      let arrives;
      const page = started(
        new Promise((resolve) => {
          arrives = resolve;
        }),
      );
      type(page.input, 'Near');
      await wait();
      assert.equal(page.says(), 'Saving…');
      type(page.input, 'Near school');
      await wait();
      assert.equal(page.sent.length, 1);

      arrives(answer());
      await wait(0);
      await wait();
      assert.equal(page.sent[1], '/draft views=Near+school&seen-family=1');
    });

    it('is saved when a row came or went', async () => {
      const page = started();

      fire(page.form, 'app:rows');
      await wait();

      assert.equal(page.sent.length, 1);
    });

    it('is left to the form once that is submitted', async () => {
      const page = started();
      type(page.input, 'Near school');

      fire(page.form, 'submit');
      await wait();
      type(page.input, 'Near school, with her sister');
      await wait();
      page.window.dispatchEvent(new page.window.Event('pagehide'));

      assert.deepEqual([page.sent, page.beacons], [[], []]);
    });

    it('is saved again on a page that somebody came back to', async () => {
      const page = started();
      fire(page.form, 'submit');

      page.window.dispatchEvent(new page.window.Event('pageshow'));
      type(page.input, 'Near school');
      await wait();

      assert.equal(page.sent.length, 1);
    });

    it('goes with a page that is closed before its moment is over', async () => {
      const page = started();
      type(page.input, 'Near school');

      page.window.dispatchEvent(new page.window.Event('pagehide'));

      assert.deepEqual(page.beacons, ['/draft views=Near+school&seen-family=1']);
    });

    it('does not go twice with a page that saved it', async () => {
      const page = started();
      type(page.input, 'Near school');
      await wait();

      page.window.dispatchEvent(new page.window.Event('pagehide'));

      assert.deepEqual(page.beacons, []);
    });
  });

  describe('what could not be saved', () => {
    const why = async (failure) => {
      const page = started(failure);
      type(page.input, 'Near school');
      await wait();
      return page;
    };
    const told = (reason) =>
      `Could not save: ${reason}. What you typed is still here; try again with the button.`;

    it('is told with its reason', async () => {
      const reasons = [
        [new Error('down'), 'no connection'],
        [{ type: 'opaqueredirect' }, 'you were signed out'],
        [answer({ problem: 'it is too long' }, 422), 'it is too long'],
        [answer({ problem: 'This task is with Sam now' }, 403), 'This task is with Sam now'],
        [answer({}, 500), 'the service has a fault'],
      ];
      for (const [failure, reason] of reasons) {
        assert.equal((await why(failure)).says(), told(reason));
      }
    });

    it('is not tried for ever, but with the next key', async () => {
      const page = await why(answer({}, 500));
      await wait();
      assert.equal(page.sent.length, 1);

      type(page.input, 'Near school, with her sister');
      await wait();
      assert.equal(page.sent.length, 2);
      assert.equal(page.says(), 'Saved at 9:31am');
    });

    it('goes with the page', async () => {
      const page = await why(answer({}, 500));

      page.window.dispatchEvent(new page.window.Event('pagehide'));

      assert.equal(page.beacons.length, 1);
    });
  });

  describe('the answer of the server', () => {
    it('brings how far each section is', async () => {
      const family = {
        id: 'family',
        seen: '2',
        status: 'Completed',
        tag: 'govuk-tag--green',
        saved: 'Saved by Amara Okafor',
      };
      const page = started(
        answer({ ...SAVED, sections: [family, { ...family, id: 'elsewhere' }] }),
      );

      type(page.input, 'Near school');
      await wait();

      assert.equal(page.form.elements['seen-family'].value, '2');
      const tag = page.one('[data-app-status]');
      assert.deepEqual(
        [tag.textContent, tag.className],
        ['Completed', 'govuk-tag govuk-tag--green'],
      );
      assert.equal(page.one('[data-app-saved]').textContent, 'Saved by Amara Okafor');
    });

    it('says whose words stand where two wrote', async () => {
      const overtaken = [{ title: 'The family', by: 'Tom Field' }];
      const page = started(answer({ ...SAVED, overtaken }));

      type(page.input, 'Near school');
      await wait();

      const theirs = 'Tom Field saved “The family” meanwhile, so yours there is not saved';
      assert.equal(page.says(), `Saved at 9:31am. ${theirs}`);
    });
  });
});
