-- +goose Up
create table push_subscriptions(
  id bigint primary key,
  person_id text not null,
  digest text not null unique,
  host text not null,
  sealed text not null,
  label text not null,
  created_at bigint not null,
  succeeded_at bigint not null,
  gone_at bigint not null
);
create index push_subscriptions_person on push_subscriptions(person_id, id);
create table contact_codes(
  person_id text not null,
  channel text not null,
  address text not null,
  hash text not null,
  tries integer not null,
  sent_at bigint not null,
  expires_at bigint not null,
  primary key(person_id, channel, address)
);
