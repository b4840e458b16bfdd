-- +goose Up
-- How the ways in fare: what each source last sent by each integration key, and how much by the hour.
create table source_health(
  key_id bigint not null,
  source text not null,
  accepted_at bigint not null,
  refused_at bigint not null,
  reason text not null,
  primary key(key_id, source)
);
create table source_counts(
  key_id bigint not null,
  source text not null,
  hour bigint not null,
  accepted bigint not null,
  refused bigint not null,
  primary key(key_id, source, hour)
);
