-- +goose Up
create table absence_calendars(
  id bigint primary key,
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
  created_at bigint not null,
  due_at bigint not null,
  whole_at bigint not null,
  read_at bigint not null,
  succeeded_at bigint not null,
  failing_since bigint not null,
  told_at bigint not null
);
create index absence_calendars_due on absence_calendars(due_at);
create index absence_calendars_person on absence_calendars(person_id, id);
