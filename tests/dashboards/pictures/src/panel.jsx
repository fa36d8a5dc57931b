// One panel, drawn by Grafana's own components. The state timeline is no part of @grafana/ui: a stand-in is drawn.
import React from 'react';
import { dateTime, FieldType, getDisplayProcessor, getFieldDisplayName, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import { BigValue, PanelChrome, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { load, same, theme } from './data';

function Stat({ panel, frames, width, height }) {
  const { options } = panel;
  const values = () => getFieldDisplayValues({ fieldConfig: panel.fieldConfig, reduceOptions: options.reduceOptions, replaceVariables: same, theme, data: frames, timeZone: 'utc' });
  const one = ({ value, width, height, count }) => (
    <BigValue value={value.display} count={count} colorMode={options.colorMode} graphMode={options.graphMode} justifyMode={options.justifyMode}
      textMode={options.textMode} width={width} height={height} theme={theme} />
  );
  const side = options.orientation === 'auto' ? (width > height ? VizOrientation.Vertical : VizOrientation.Horizontal) : options.orientation;
  return <VizRepeater getValues={values} renderValue={one} source={frames} orientation={side} width={width} height={height} renderCounter={1} itemSpacing={8} />;
}

function Timeline({ frames, width, height, settings }) {
  const [side, foot] = [230, 22];
  const row = Math.min(34, (height - foot) / frames.length);
  const at = (time) => side + ((time / 1000 - settings.from) / (settings.to - settings.from)) * (width - side);
  const text = { fontSize: Math.min(12, row * 0.6), fontFamily: theme.typography.fontFamily };
  const bars = (frame, y) => {
    const [times, field] = frame.fields.map((one) => one.values).slice(0, 1).concat([frame.fields[1]]);
    const shown = getDisplayProcessor({ field, theme, timeZone: 'utc' });
    const runs = [];
    field.values.forEach((value, i) => {
      const last = runs.at(-1);
      if (value !== null && last && last.value === value && last.end === i - 1) last.end = i;
      else if (value !== null) runs.push({ value, start: i, end: i });
    });
    return runs.map(({ value, start, end }) => {
      const { text: word, color } = shown(value);
      const [left, right] = [at(times[start]), Math.min(width, at(times[end] + settings.step * 1000))];
      return (
        <g key={start}>
          <rect x={left} y={y + row * 0.08} width={right - left} height={row * 0.84} fill={color} fillOpacity={0.85} />
          {right - left > word.length * 8 && <text x={left + 4} y={y + row / 2} dominantBaseline="central" fill="#111217" {...text}>{word}</text>}
        </g>
      );
    });
  };
  const marks = [0, 0.25, 0.5, 0.75, 1].map((part) => settings.from + part * (settings.to - settings.from));
  return (
    <svg width={width} height={height}>
      {frames.map((frame, i) => (
        <g key={i}>
          <text x={side - 8} y={(i + 0.5) * row} textAnchor="end" dominantBaseline="central" fill={theme.colors.text.primary} {...text}>
            {getFieldDisplayName(frame.fields[1], frame, frames)}
          </text>
          {bars(frame, i * row)}
        </g>
      ))}
      {marks.map((time, i) => (
        <text key={time} x={Math.min(width, side + (i / 4) * (width - side))} y={height - 6} fill={theme.colors.text.secondary} textAnchor={i === 4 ? 'end' : i ? 'middle' : 'start'}
          fontSize={11} fontFamily={theme.typography.fontFamily}>{new Date(time * 1000).toISOString().slice(11, 19)}</text>
      ))}
    </svg>
  );
}

function Drawn({ panel, frames, width, height, settings }) {
  const range = { from: dateTime(settings.from * 1000), to: dateTime(settings.to * 1000) };
  const timeRange = { ...range, raw: range };
  switch (panel.type) {
    case 'timeseries':
      return (
        <TimeSeries frames={frames} structureRev={1} timeRange={timeRange} timeZone="utc" width={width} height={height} legend={panel.options.legend}
          replaceVariables={same} options={panel.options}>{() => null}</TimeSeries>
      );
    case 'table':
      return (
        <TableNG data={frames[0]} width={width} height={height} structureRev={1} timeRange={timeRange} fieldConfig={panel.fieldConfig}
          cellHeight={panel.options.cellHeight} noHeader={!panel.options.showHeader} initialSortBy={panel.options.sortBy} />
      );
    case 'stat':
      return <Stat panel={panel} frames={frames} width={width} height={height} />;
    default:
      return <Timeline frames={frames} width={width} height={height} settings={settings} />;
  }
}

// How much there is to see: numbers, and words of a table.
function count(frames) {
  const fields = (frames ?? []).flatMap((frame) => frame.fields).filter((field) => field.type !== FieldType.time);
  return fields.flatMap((field) => field.values).filter((value) => Number.isFinite(value) || (typeof value === 'string' && value)).length;
}

function placeOf({ x, y, w, h }, column) {
  return { position: 'absolute', left: x * column + 4, top: y * 38 + 4, width: w * column - 8, height: h * 30 + (h - 1) * 8 };
}

export function Row({ panel, column }) {
  const look = { lineHeight: '30px', fontFamily: theme.typography.fontFamily, color: theme.colors.text.primary };
  return <h5 style={{ ...placeOf(panel.gridPos, column), ...look }}>{panel.title}</h5>;
}

export function Panel({ panel, column, settings, whenDone }) {
  const [found, setFound] = React.useState({});
  React.useEffect(() => {
    load(panel, settings).then((frames) => setFound({ frames }), (error) => setFound({ error: String(error) })).finally(whenDone);
  }, []);
  const place = placeOf(panel.gridPos, column);
  return (
    <div data-panel={panel.title} data-kind={panel.type} data-error={found.error} data-values={count(found.frames)} style={place}>
      <PanelChrome title={panel.title} width={place.width} height={place.height} statusMessage={found.error}>
        {(width, height) =>
          found.frames?.length
            ? <Drawn panel={panel} frames={found.frames} width={width} height={height} settings={settings} />
            : <div style={{ textAlign: 'center', paddingTop: height / 2 - 12, fontFamily: theme.typography.fontFamily }}>{found.error ?? (found.frames ? panel.fieldConfig.defaults.noValue ?? 'No data' : '')}</div>}
      </PanelChrome>
    </div>
  );
}
