// The types that the boards are made of, one schema for each.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

export type Board = dashboard.Dashboard;
export type BoardPanel = dashboard.Panel;
export type BoardRow = dashboard.RowPanel;
export type Query = prometheus.Dataquery;
export type StatOptions = stat.Options;
export type TableOptions = table.Options;
export type TimelineOptions = statetimeline.Options;
export type TimelineField = statetimeline.FieldConfig;
export type SeriesOptions = timeseries.Options;
export type SeriesField = timeseries.FieldConfig;
