-- +goose Up
-- What carries customers through outages and after them: other ways of delivery in use,
-- what is done about revenue at risk, and accounts at risk with the plan to keep them.
create table measures(
  id integer primary key,
  kind text not null,
  incident_id integer not null,
  customer_id text not null,
  at integer not null,
  ended_at integer not null,
  doc text not null
);
create index measures_incident on measures(incident_id, id);
create index measures_customer on measures(customer_id, kind, id);
create unique index measures_retention on measures(customer_id) where kind = 'retention' and ended_at = 0;
