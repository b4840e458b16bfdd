-- +goose Up
-- What other companies say about their services, and what people write about ours.
create table vendor_states(
  vendor_id text primary key,
  state text not null,
  since bigint not null,
  doc text not null,
  due_at bigint not null
);
create index vendor_states_due on vendor_states(due_at);
create table vendor_notes(
  vendor_id text not null,
  incident_id bigint not null,
  since bigint not null,
  primary key(vendor_id, incident_id, since)
);
create table feed_states(
  feed_id text primary key,
  doc text not null,
  due_at bigint not null
);
create index feed_states_due on feed_states(due_at);
create table mentions(
  id bigint primary key,
  feed_id text not null,
  guid text not null,
  service_id text not null,
  state text not null,
  complaint boolean not null,
  incident_id bigint not null,
  at bigint not null,
  found_at bigint not null,
  doc text not null
);
create unique index mentions_once on mentions(feed_id, guid);
create index mentions_by_state on mentions(state, id);
create index mentions_complaints on mentions(service_id, at);
create index mentions_by_incident on mentions(incident_id);
