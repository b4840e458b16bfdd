-- +goose Up
-- Whom people tell by hand about an incident, and what came of it.
create table outreach(
  id integer primary key,
  incident_id integer not null,
  task_id integer not null,
  owner text not null,
  state text not null,
  due_at integer not null,
  doc text not null
);
create index outreach_of on outreach(incident_id, id);
create index outreach_task on outreach(task_id, id) where task_id > 0;
create index incidents_opened on incidents(opened_at);
