/**
 * Builds web/static/dist from web/assets. Run by `npm run build`, which `make setup` calls.
 *
 * app.css, boot.js, app.js: every page. diagram.css, diagram.js: pages with a drawing. task.js: tasks.
 * test/axe.min.js: tests only.
 */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import * as esbuild from 'esbuild';
import * as sass from 'sass';

const assets = dirname(fileURLToPath(import.meta.url));
const root = resolve(assets, '../..');
const packages = resolve(root, 'node_modules');
const dist = resolve(root, 'web/static/dist');

/** @ministryofjustice/frontend imports "node_modules/…" from its own folder: start at ours. */
const fromProjectRoot = {
  findFileUrl: (url) =>
    url.startsWith('node_modules/') ? new URL(url, pathToFileURL(`${root}/`)) : null,
};

/** Our own warnings show; the Ministry of Justice's use of an old GOV.UK mixin is not ours to mend. */
const logger = {
  warn: (message, { stack }) => {
    if (!stack?.includes('node_modules/@ministryofjustice/')) console.warn(message, stack ?? '');
  },
};

async function buildStyles(name) {
  const { css } = await sass.compileAsync(resolve(assets, `scss/${name}.scss`), {
    importers: [fromProjectRoot],
    loadPaths: [packages],
    logger,
    quietDeps: true,
    style: 'compressed',
  });
  await writeFile(resolve(dist, `${name}.css`), css);
  await copyImages(css);
}

/** The icons that a style sheet names, and no others: the packages also hold crests and crowns. */
async function copyImages(css) {
  for (const [, name] of css.matchAll(/url\("?\/static\/dist\/images\/([\w-]+\.svg)/g)) {
    const image = resolve(packages, '@ministryofjustice/frontend/moj/assets/images', name);
    await cp(image, resolve(dist, 'images', name));
  }
}

async function buildScripts() {
  const common = {
    bundle: true,
    legalComments: 'linked',
    logLevel: 'warning',
    minify: true,
    outdir: dist,
    target: 'es2020',
  };
  const entry = (name) => resolve(assets, 'js', name);
  await Promise.all([
    esbuild.build({
      ...common,
      entryPoints: [entry('app.js'), entry('diagram.js'), entry('task.js')],
      format: 'esm',
    }),
    // Not a module: it has to run before the page is first painted.
    esbuild.build({ ...common, entryPoints: [entry('boot.js')], format: 'iife' }),
  ]);
}

async function copyTestTools() {
  await mkdir(resolve(dist, 'test'), { recursive: true });
  await cp(resolve(packages, 'axe-core/axe.min.js'), resolve(dist, 'test/axe.min.js'));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([buildStyles('app'), buildStyles('diagram'), buildScripts(), copyTestTools()]);
