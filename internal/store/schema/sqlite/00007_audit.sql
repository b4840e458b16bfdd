-- +goose Up
create table audit_leaves(
  n integer primary key,
  event_id integer not null unique,
  hash text not null
);
create table audit_checkpoints(
  size integer primary key,
  edge text not null,
  note text not null,
  sealed_at integer not null
);
