-- +goose Up
create table push_subscriptions(
  id integer primary key,
  person_id text not null,
  digest text not null unique,
  host text not null,
  sealed text not null,
  label text not null,
  created_at integer not null,
  succeeded_at integer not null,
  gone_at integer not null
);
create index push_subscriptions_person on push_subscriptions(person_id, id);
create table contact_codes(
  person_id text not null,
  channel text not null,
  address text not null,
  hash text not null,
  tries integer not null,
  sent_at integer not null,
  expires_at integer not null,
  primary key(person_id, channel, address)
);
