-- +goose Up
-- Rows that people write into the ledger of an incident.
create table credit_entries(
  id integer primary key,
  incident_id integer not null,
  doc text not null
);
create index credit_entries_incident on credit_entries(incident_id, id);
-- What people say an incident did to availability.
create table credit_verdicts(
  incident_id integer primary key,
  doc text not null
);
-- Who confirmed which credit schedule, by what it says.
create table credit_confirmations(
  hash text primary key,
  doc text not null
);
