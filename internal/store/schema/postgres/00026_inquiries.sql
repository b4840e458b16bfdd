-- +goose Up
-- How the cause of an incident is looked for, and what was done to its services.
create table inquiries(
  id bigint primary key,
  incident_id bigint not null,
  kind text not null,
  due_at bigint not null,
  doc text not null
);
create index inquiries_by_incident on inquiries(incident_id, id);
create index inquiries_due on inquiries(due_at) where due_at > 0;
create index changes_by_service on changes(service_id, at);
