-- +goose Up
-- How the ways in fare: what each source last sent by each integration key, and how much by the hour.
create table source_health(
  key_id integer not null,
  source text not null,
  accepted_at integer not null,
  refused_at integer not null,
  reason text not null,
  primary key(key_id, source)
) without rowid;
create table source_counts(
  key_id integer not null,
  source text not null,
  hour integer not null,
  accepted integer not null,
  refused integer not null,
  primary key(key_id, source, hour)
) without rowid;
