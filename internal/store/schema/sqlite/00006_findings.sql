-- +goose Up
create table findings(
  key text primary key,
  text text not null,
  critical boolean not null,
  first_at integer not null,
  last_at integer not null,
  told_at integer not null,
  ended_at integer not null
);
create index findings_standing on findings(last_at) where ended_at = 0;
create index pages_queued on pages(id) where state = 'queued';
