// Checks objects that tests/chart rendered: node check.mjs FILE.json...
// A file is {"kubernetes": "oldest" | "newest", "objects": {"where from": object}}. Each object is checked twice:
//   schemas  types, formats and required keys, by the schemas of kubernetes-models (newest) and its Prometheus Operator
//   types    types and unknown keys, by TypeScript with the types of kubernetes-types 1.25 (oldest) or kubernetes-models
// It proves on broken objects that both find mistakes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));

const isOperators = (object) => object.apiVersion.startsWith('monitoring.coreos.com/');

// The module that has an object's kind, and the kind's name in it.
function typeOf(object, kubernetes) {
  const { apiVersion, kind } = object;
  if (isOperators(object)) return [`@kubernetes-models/prometheus-operator/${apiVersion}`, `I${kind}`];
  if (kubernetes === 'newest') return [`kubernetes-models/${apiVersion}`, `I${kind}`];
  // kubernetes-types has core/v1 for v1, and networking/v1 for networking.k8s.io/v1.
  return [`kubernetes-types/${apiVersion.includes('/') ? apiVersion.replace('.k8s.io/', '/') : `core/${apiVersion}`}`, kind];
}

// Mistakes of each object: [where, message].
async function bySchemas(objects) {
  const found = [];
  for (const [where, object] of Object.entries(objects)) {
    const [module] = typeOf(object, 'newest');
    const Model = (await import(module))[object.kind];
    try {
      if (!Model) throw new Error(`there is no schema of ${object.apiVersion} ${object.kind}`);
      new Model(object).validate();
    } catch (error) {
      found.push([where, error.message]);
    }
  }
  return found;
}

// The same by types; sets is {oldest: objects, newest: objects}. One run of the compiler, since its start is what takes time.
function byTypes(sets) {
  const places = {};
  for (const [kubernetes, objects] of Object.entries(sets)) {
    const name = `types-${kubernetes}.ts`;
    const lines = Object.entries(objects).map(([where, object], i) => {
      const [module, type] = typeOf(object, kubernetes);
      places[`${name}:${i + 1}`] = `${where} (${kubernetes})`;
      return `import type {${type} as T${i}} from '${module}'; export const o${i}: T${i} = ${JSON.stringify(object)};\n`;
    });
    fs.writeFileSync(path.join(folder, name), lines.join(''));
  }
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'];
  const sources = Object.keys(sets).map((kubernetes) => `types-${kubernetes}.ts`);
  try {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...options, ...sources], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    return error.stdout.trim().split('\n').map((line) => {
      const [, file, number, message] = line.match(/^([^(]+)\((\d+),\d+\): (.*)/) ?? [null, '', '', line];
      return [places[`${file}:${number}`] ?? '', message];
    });
  }
}

function pod(more) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }], ...more } };
}

function rule(record) {
  return {
    apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'a' },
    spec: { groups: [{ name: 'a', rules: [{ expr: 'a', record }] }] },
  };
}

// Objects that are right, and some with a mistake, and what has to find it.
const proofs = {
  'proof: a good pod': [pod({ terminationGracePeriodSeconds: 3 }), []],
  'proof: a good rule': [rule('a'), []],
  'proof: a pod with an unknown key': [pod({ terminationGraceSeconds: 3 }), ['oldest', 'newest']],
  'proof: a pod with a text for a number': [pod({ terminationGracePeriodSeconds: '3' }), ['schemas', 'oldest', 'newest']],
  'proof: a rule with a number for a text': [rule(1), ['schemas', 'oldest', 'newest']],
  'proof: a pod with a key that came with 1.34': [pod({ hostnameOverride: 'a' }), ['oldest']],
};

const examples = Object.fromEntries(Object.entries(proofs).map(([where, [object]]) => [where, object]));
const sets = { oldest: { ...examples }, newest: { ...examples } };
for (const file of process.argv.slice(2)) {
  const { kubernetes, objects } = JSON.parse(fs.readFileSync(file, 'utf8'));
  Object.assign(sets[kubernetes], objects);
}

const found = [...(await bySchemas({ ...sets.oldest, ...sets.newest })).map(([where, message]) => [`${where} (schemas)`, message]), ...byTypes(sets)];
const mistakes = found.filter(([where]) => !where.startsWith('proof: ')).map(([where, message]) => `${where}: ${message}`);
for (const [where, [, finders]] of Object.entries(proofs)) {
  for (const finder of ['schemas', 'oldest', 'newest']) {
    const messages = found.filter(([place]) => place === `${where} (${finder})`);
    if (messages.length > 0 !== finders.includes(finder)) {
      mistakes.push(`check.mjs does not check what it should: ${where}: ${finder}: ${messages.join('; ') || 'nothing found'}`);
    }
  }
}
for (const mistake of mistakes) console.error(mistake);
if (mistakes.length === 0) {
  const count = Object.keys(sets.oldest).length + Object.keys(sets.newest).length - 2 * Object.keys(proofs).length;
  console.log(`${count} objects are what Kubernetes and the Prometheus Operator take`);
}
process.exit(mistakes.length === 0 ? 0 : 1);
