-- +goose Up
-- What is known of a metric: its series, their values, and which limits are passed.
create table series(
  id bigint primary key,
  key text not null unique,
  service_id text not null,
  name text not null,
  labels text not null,
  kind smallint not null,
  last_at bigint not null
);
create index series_by_name on series(name, service_id);
create index series_by_service on series(service_id, last_at);
create table samples(
  series_id bigint not null,
  at bigint not null,
  value double precision not null,
  primary key(series_id, at)
);
create table firings(
  id bigint primary key,
  rule text not null,
  service_id text not null,
  labels text not null,
  dedup_key text not null,
  value double precision not null,
  since bigint not null,
  seen_at bigint not null,
  ended_at bigint not null,
  incident_id bigint not null
);
create unique index firings_standing on firings(rule, service_id, labels) where ended_at = 0;
create index firings_by_rule on firings(rule, since);
