-- +goose Up
create table rota_requests(
  id integer primary key,
  schedule_id text not null,
  state text not null,
  from_at integer not null,
  until_at integer not null,
  doc text not null
);
create index rota_requests_schedule on rota_requests(schedule_id, state, until_at);
create table rota_findings(
  subject text not null,
  from_at integer not null,
  until_at integer not null,
  primary key(subject, from_at)
);
create table rota_feeds(
  id integer primary key,
  hash text not null unique,
  kind text not null,
  subject text not null,
  owner text not null,
  created_at integer not null
);
create unique index rota_feeds_subject on rota_feeds(owner, kind, subject);
