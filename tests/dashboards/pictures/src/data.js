// A panel's data as Grafana prepares it: queries, transformations, field configuration.
import {
  applyFieldOverrides, cacheFieldDisplayNames, createTheme, FieldType, Registry, standardTransformers, standardTransformersRegistry, transformDataFrame,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { frames } from './query';

export const theme = createTheme({ colors: { mode: 'dark' } });
export const same = (value) => value;

const standard = ['unit', 'decimals', 'min', 'max', 'displayName', 'noValue', 'color', 'thresholds', 'mappings', 'links', 'filterable', 'description'];
const custom = ['drawStyle', 'lineWidth', 'fillOpacity', 'lineInterpolation', 'showPoints', 'gradientMode', 'axisLabel', 'axisPlacement', 'lineStyle',
  'stacking', 'spanNulls', 'thresholdsStyle', 'pointSize', 'hideFrom', 'align', 'cellOptions', 'width', 'minWidth', 'inspect', 'filterable',
  'axisSoftMin', 'axisSoftMax'];
const settable = { process: same, shouldApply: () => true };
const properties = new Registry(() => [
  ...standard.map((id) => ({ ...settable, id, path: id, name: id })),
  ...custom.map((id) => ({ ...settable, id: `custom.${id}`, path: id, name: id, isCustom: true })),
]);

standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(standardTransformers).map((one) => [one.id, one])).values()].map((one) => ({ id: one.id, name: one.name, transformation: one }))
);

export async function load(panel, settings) {
  let data = (await Promise.all(panel.targets.map((target) => frames(target, settings, panel.targets.length > 1)))).flat();
  if (panel.transformations.length) data = await firstValueFrom(transformDataFrame(panel.transformations, data, { interpolate: same }));
  data = applyFieldOverrides({ data, fieldConfig: panel.fieldConfig, fieldConfigRegistry: properties, replaceVariables: same, theme, timeZone: 'utc' });
  cacheFieldDisplayNames(data);
  if (panel.type === 'timeseries') data.flatMap((frame) => frame.fields).forEach(prepare);
  return data.filter((frame) => frame.length > 0);
}

// As Grafana's panel does: what is no number is a gap.
function prepare(field) {
  if (field.type === FieldType.time) field.config = { ...field.config, custom: {} };
  else field.values = field.values.map((value) => (Number.isFinite(value) ? value : null));
}
