-- +goose Up
-- War rooms: their parts, who has which conference room, the notes of an incident
-- with every version of them, and what vendors have told of already.
create table room_parts(
  id bigint primary key,
  incident_id bigint not null,
  kind text not null,
  label text not null,
  state text not null,
  provider text not null,
  ref text not null,
  due_at bigint not null,
  fence bigint not null,
  doc text not null
);
create unique index room_parts_once on room_parts(incident_id, kind, label);
create index room_parts_due on room_parts(due_at) where due_at > 0;
create index room_parts_ref on room_parts(provider, ref) where ref <> '';
create table room_bookings(
  id bigint primary key,
  room_id text not null,
  incident_id bigint not null,
  from_at bigint not null,
  released_at bigint not null
);
create unique index room_bookings_held on room_bookings(room_id) where released_at = 0;
create index room_bookings_by_incident on room_bookings(incident_id);
create table room_notes(
  incident_id bigint not null,
  version bigint not null,
  author text not null,
  at bigint not null,
  body text not null,
  primary key(incident_id, version)
);
create table room_heard(
  provider text not null,
  call_id text not null,
  at bigint not null,
  primary key(provider, call_id)
);
create index room_heard_at on room_heard(at);
