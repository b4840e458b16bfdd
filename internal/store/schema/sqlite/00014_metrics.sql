-- +goose Up
-- What is known of a metric: its series, their values, and which limits are passed.
create table series(
  id integer primary key,
  key text not null unique,
  service_id text not null,
  name text not null,
  labels text not null,
  kind smallint not null,
  last_at integer not null
);
create index series_by_name on series(name, service_id);
create index series_by_service on series(service_id, last_at);
create table samples(
  series_id integer not null,
  at integer not null,
  value real not null,
  primary key(series_id, at)
) without rowid;
create table firings(
  id integer primary key,
  rule text not null,
  service_id text not null,
  labels text not null,
  dedup_key text not null,
  value real not null,
  since integer not null,
  seen_at integer not null,
  ended_at integer not null,
  incident_id integer not null
);
create unique index firings_standing on firings(rule, service_id, labels) where ended_at = 0;
create index firings_by_rule on firings(rule, since);
