-- +goose Up
-- What follows from incidents, and who sees it through.
create table action_items(
  id bigint primary key,
  incident_id bigint not null,
  owner text not null,
  category text not null,
  state text not null,
  due_at bigint not null,
  created_at bigint not null,
  ended_at bigint not null,
  doc text not null
);
create index action_items_incident on action_items(incident_id, id);
create index action_items_owner on action_items(owner, ended_at, due_at);
create index action_items_due on action_items(ended_at, due_at, id);
