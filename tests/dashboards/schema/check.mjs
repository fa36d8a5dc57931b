// Checks boards against the types of Grafana's foundation SDK: node check.mjs BUILD_FOLDER BOARD.json...
// Unknown keys are mistakes too. At first it proves on broken copies that it finds mistakes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';

const folder = path.resolve(process.argv[2]);
const files = process.argv.slice(3);
const kinds = {
  stat: ['StatOptions'],
  table: ['TableOptions'],
  timeseries: ['SeriesOptions', 'SeriesField'],
  'state-timeline': ['TimelineOptions', 'TimelineField'],
};

function schemaOf(type) {
  const file = path.join(folder, `${type}.json`);
  if (!fs.existsSync(file)) {
    const generator = path.join(folder, 'node_modules/.bin/ts-json-schema-generator');
    const made = execFileSync(generator, ['--path', 'types.ts', '--tsconfig', 'tsconfig.json', '--type', type], { cwd: folder, maxBuffer: 1 << 28 });
    fs.writeFileSync(file, made);
  }
  return JSON.parse(fs.readFileSync(file));
}

// Panels are checked one by one, by their type; targets as queries of Prometheus. Two types are stricter than Grafana:
// links of fields need not be links of boards (tests/dashboards/lint.py checks them), a variable may have no value yet.
function opened(type) {
  const schema = schemaOf(type);
  for (const [name, definition] of Object.entries(schema.definitions)) {
    if (/Dataquery$/.test(name) && type !== 'Query') schema.definitions[name] = {};
    if (type === 'Board' && definition.properties?.panels) definition.properties.panels = {};
    if (/FieldConfig$/.test(name) && definition.properties?.links) definition.properties.links = {};
    if (/VariableOption$/.test(name)) definition.required = [];
  }
  return schema;
}

const validators = {};
function mistakesOf(type, value, where) {
  validators[type] ??= new Ajv({ strict: false, allErrors: true }).compile(opened(type));
  if (validators[type](value)) return [];
  return validators[type].errors.map((error) => `${where}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
}

function panelMistakes(panel) {
  const where = `panel ${panel.id} (${panel.title})`;
  if (panel.type === 'row') return mistakesOf('BoardRow', panel, where);
  const [options, field] = kinds[panel.type] ?? [];
  if (!options) return [`${where}: no types for ${panel.type}`];
  return [
    ...mistakesOf('BoardPanel', panel, where),
    ...mistakesOf(options, panel.options, `${where} options`),
    ...(field ? mistakesOf(field, panel.fieldConfig.defaults.custom, `${where} custom`) : []),
    ...panel.targets.flatMap((target) => mistakesOf('Query', target, `${where} query ${target.refId}`)),
  ];
}

function mistakes(board) {
  return [...mistakesOf('Board', board, 'board'), ...board.panels.flatMap(panelMistakes)];
}

const seen = (board, type) => board.panels.find((panel) => panel.type === type);
const broken = {
  'a placement that is none': (board) => (seen(board, 'timeseries').options.legend.placement = 'botom'),
  'a field setting that is none': (board) => (seen(board, 'timeseries').fieldConfig.defaults.custom.drawStyl = 'bars'),
  'a width in words': (board) => (seen(board, 'stat').gridPos.w = '12'),
  'a key that is none': (board) => (board.titel = board.title),
  'a query that is none': (board) => (seen(board, 'table').targets[0].format = 'tabel'),
  'a timeline option that is none': (board) => (seen(board, 'state-timeline').options.showValue = 'yes'),
};

let bad = 0;
const texts = files.map((file) => fs.readFileSync(file));
const varied = texts.find((text) => Object.keys(kinds).every((kind) => seen(JSON.parse(text), kind)));
for (const [what, breakIt] of Object.entries(broken)) {
  const board = JSON.parse(varied);
  breakIt(board);
  if (mistakes(board).length === 0) {
    console.error(`${what} is not noticed`);
    bad++;
  }
}
for (const file of files) {
  for (const mistake of mistakes(JSON.parse(fs.readFileSync(file)))) {
    console.error(`${file}: ${mistake}`);
    bad++;
  }
}
console.log(bad ? `${bad} mistakes` : `${files.length} boards match the types`);
process.exit(bad ? 1 : 0);
