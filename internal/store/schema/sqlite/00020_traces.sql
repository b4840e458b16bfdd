-- +goose Up
-- Spans of traces, for a day: what a request went through.
create table spans(
  id integer primary key,
  trace_id text not null,
  service_id text not null,
  started_at integer not null,
  doc text not null
);
create index spans_by_trace on spans(trace_id, started_at);
create index spans_by_service on spans(service_id, id);
