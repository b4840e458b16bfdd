-- +goose Up
create table audit_leaves(
  n bigint primary key,
  event_id bigint not null unique,
  hash text not null
);
create table audit_checkpoints(
  size bigint primary key,
  edge text not null,
  note text not null,
  sealed_at bigint not null
);
