// Asks Prometheus as Grafana's data source does, and gives Grafana's data frames.
import { FieldType, toDataFrame } from '@grafana/data';

// `$x`, `${x}` and `${x:format}`; a name without a value stays.
export function filled(text, values) {
  return text.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (all, braced, bare) => values[braced ?? bare] ?? all);
}

function named(format, labels) {
  return format ? format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? '') : undefined;
}

async function ask(settings, path, parameters) {
  const answer = await (await fetch(`${settings.prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`)).json();
  if (answer.status !== 'success') throw new Error(answer.error);
  return answer.data.result;
}

function asTable(target, result, valueName) {
  const labels = [...new Set(result.flatMap((one) => Object.keys(one.metric)))].sort();
  const fields = [
    { name: 'Time', type: FieldType.time, values: result.map((one) => one.value[0] * 1000) },
    ...labels.map((label) => ({ name: label, type: FieldType.string, values: result.map((one) => one.metric[label] ?? '') })),
    { name: valueName, type: FieldType.number, values: result.map((one) => Number(one.value[1])) },
  ];
  return [toDataFrame({ refId: target.refId, fields })];
}

// Where nothing was scraped there is a point without a value, so that lines break.
function withGaps(points, settings) {
  const known = new Map(points.map(([time, value]) => [time, Number(value)]));
  const times = [];
  for (let time = settings.from; time <= settings.to; time += settings.step) times.push(time);
  return [times.map((time) => time * 1000), times.map((time) => known.get(time) ?? null)];
}

function asSeries(target, one, settings) {
  const [times, values] = one.values ? withGaps(one.values, settings) : [[one.value[0] * 1000], [Number(one.value[1])]];
  const name = named(target.legendFormat, one.metric);
  return toDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, values: times, config: { interval: settings.step * 1000 } },
      { name: 'Value', type: FieldType.number, labels: one.metric, values, config: name ? { displayNameFromDS: name } : {} },
    ],
  });
}

export async function frames(target, settings, several) {
  const query = filled(target.expr, settings.values);
  const result = target.instant
    ? await ask(settings, 'query', { query, time: settings.to })
    : await ask(settings, 'query_range', { query, start: settings.from, end: settings.to, step: settings.step });
  if (target.format === 'table') return result.length ? asTable(target, result, several ? `Value #${target.refId}` : 'Value') : [];
  return result.map((one) => asSeries(target, one, settings));
}
