-- +goose Up
-- What is known of addresses outside, by a hash of each: who wants no more
-- messages, and whose messages come back.
create table addresses (
  channel text not null,
  hash text not null,
  opted_out_at integer not null default 0,
  opted_out_by text not null default '',
  bounced_at integer not null default 0,
  bounce text not null default '',
  updated_at integer not null,
  primary key (channel, hash)
);
create index addresses_opted_out on addresses (channel) where opted_out_at > 0;
