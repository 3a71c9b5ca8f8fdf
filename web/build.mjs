// Bundles every entry of web/ into api/static/dist/ under hashed names, and writes manifest.json: entry name -> file.
import * as esbuild from 'esbuild';
import {existsSync} from 'node:fs';
import {rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'api', 'static', 'dist');

const entries = {
  app: 'css/app.css',
  base: 'base.js',
  viewer: 'viewer.js',
  studio: 'studio/main.js',
  docs: 'docs.js',
};

await rm(out, {recursive: true, force: true});
const {metafile} = await esbuild.build({
  absWorkingDir: here,
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(here, file)))),
  outdir: out,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  loader: {'.woff': 'file', '.woff2': 'file', '.svg': 'file', '.eot': 'file', '.ttf': 'file', '.png': 'file'},
  define: {'process.env.NODE_ENV': '"production"'},
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true,
});

const manifest = {};
const named = (file) => file.replace(/^.*api\/static\//, '');
const entryOf = (output) => Object.keys(entries).find((name) => entries[name] === output.entryPoint);
for (const [file, output] of Object.entries(metafile.outputs)) {
  const name = output.entryPoint && entryOf(output);
  if (!name) continue;
  manifest[`${name}.${file.endsWith('.css') ? 'css' : 'js'}`] = named(file);
  if (output.cssBundle) manifest[`${name}.css`] = named(output.cssBundle);
}
await writeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
