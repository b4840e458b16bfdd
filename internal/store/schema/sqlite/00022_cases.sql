-- +goose Up
-- Cases with outside partners, and what became of them.
create table cases(
  id integer primary key,
  incident_id integer not null,
  partner text not null,
  kind text not null,
  state text not null,
  look_at integer not null,
  doc text not null
);
create index cases_of on cases(incident_id, id);
create index cases_due on cases(look_at) where look_at > 0;
