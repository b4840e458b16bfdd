-- +goose Up
-- Reviews of incidents: one each, and what is kept of it.
create table reviews(
  id integer primary key,
  incident_id integer not null,
  opened_at integer not null,
  signed_at integer not null,
  doc text not null
);
create unique index reviews_incident on reviews(incident_id);
create index reviews_open on reviews(signed_at, id);
