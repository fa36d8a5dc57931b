// One picture of a board: node shoot.mjs BOARD.json SETTINGS.json PICTURE.png
// Prints what was drawn, as JSON: {panels: [{title, kind, values, rows, error}], errors: [...]} (errors of the page);
// values: how many it has; rows: those of a table on the picture, its header included.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [board, settings, picture] = process.argv.slice(2);
const types = { '.js': 'text/javascript', '.html': 'text/html', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml' };
const given = { '/board.json': board, '/settings.json': settings, '/': 'dist/index.html' };

const server = http.createServer((request, response) => {
  const asked = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = given[asked] ?? path.join('dist', path.normalize(asked));
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' });
  fs.createReadStream(file).pipe(response);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
// All of it is in sight: tables draw only rows that are.
const { panels: all } = JSON.parse(fs.readFileSync(board));
const height = Math.max(...all.map(({ gridPos }) => gridPos.y + gridPos.h)) * 38 + 8;
const page = await browser.newPage({ viewport: { width: 1500, height } });
const errors = [];
page.on('pageerror', (error) => errors.push(error.message));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction('window.waiting === 0', null, { timeout: 30000 }).catch(() => errors.push('not all panels were drawn in time'));
await page.waitForTimeout(1500); // canvases are drawn after the last answer
const panels = await page.$$eval('[data-panel]', (found) =>
  found.map((one) => ({
    title: one.dataset.panel, kind: one.dataset.kind, error: one.dataset.error,
    values: Number(one.dataset.values ?? 0), rows: one.querySelectorAll('[role=row]').length,
  }))
);
await (await page.$('#board')).screenshot({ path: picture });
console.log(JSON.stringify({ panels, errors }));
await browser.close();
server.close();
