-- +goose Up
-- What the users of affected customers are shown in the product, who was shown it,
-- and the keys with which the product signs who they are.
create table in_app_notices (
  message_id bigint primary key,
  incident_id bigint not null,
  doc text not null,
  published_at bigint not null,
  ended_at bigint not null default 0
);
create index in_app_notices_incident on in_app_notices (incident_id);
create index in_app_notices_ended on in_app_notices (ended_at);
create table in_app_told (
  message_id bigint not null,
  reader text not null,
  told_at bigint not null,
  primary key (message_id, reader)
);
create table in_app_keys (
  id text primary key,
  sealed text not null,
  created_at bigint not null,
  created_by text not null,
  ended_at bigint not null default 0
);
