-- +goose Up
create table absence_calendars(
  id integer primary key,
  person_id text not null,
  kind text not null,
  label text not null,
  words text not null,
  sealed text not null,
  zone text not null,
  etag text not null,
  modified text not null,
  away text not null,
  notes text not null,
  error text not null,
  added_by text not null,
  created_at integer not null,
  due_at integer not null,
  whole_at integer not null,
  read_at integer not null,
  succeeded_at integer not null,
  failing_since integer not null,
  told_at integer not null
);
create index absence_calendars_due on absence_calendars(due_at);
create index absence_calendars_person on absence_calendars(person_id, id);
