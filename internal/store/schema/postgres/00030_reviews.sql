-- +goose Up
-- Reviews of incidents: one each, and what is kept of it.
create table reviews(
  id bigint primary key,
  incident_id bigint not null,
  opened_at bigint not null,
  signed_at bigint not null,
  doc text not null
);
create unique index reviews_incident on reviews(incident_id);
create index reviews_open on reviews(signed_at, id);
