-- +goose Up
-- Who is told of what the status page publishes, what there is to tell, and how often
-- somebody has asked for it. The addresses stand in no other table.
create table subscribers(
  id integer primary key,
  page text not null,
  channel text not null,
  address text not null,
  state text not null,
  created_at integer not null,
  confirmed_at integer not null,
  expires_at integer not null,
  doc text not null
);
create unique index subscribers_once on subscribers(page, channel, address);
create index subscribers_told on subscribers(page, state, id);
create table notices(
  page text not null,
  update_id text not null,
  created_at integer not null,
  after integer not null,
  doc text not null,
  primary key(page, update_id)
);
create index notices_old on notices(created_at);
create index notices_untold on notices(after, created_at);
create table allowances(
  bucket text not null,
  slot integer not null,
  used integer not null,
  primary key(bucket, slot)
);
create index allowances_old on allowances(slot);
