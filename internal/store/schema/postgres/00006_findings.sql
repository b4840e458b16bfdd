-- +goose Up
create table findings(
  key text primary key,
  text text not null,
  critical boolean not null,
  first_at bigint not null,
  last_at bigint not null,
  told_at bigint not null,
  ended_at bigint not null
);
create index findings_standing on findings(last_at) where ended_at = 0;
create index pages_queued on pages(id) where state = 'queued';
