-- +goose Up
-- Runs of runbook actions with what they wrote, how the services of an incident are
-- restored, and which vendors a backup stands in for.
create table action_runs(
  id integer primary key,
  incident_id integer not null,
  action_id text not null,
  vendor_id text not null,
  state text not null,
  lane text not null,
  fence integer not null,
  doc text not null
);
create index action_runs_by_incident on action_runs(incident_id, id);
create index action_runs_waiting on action_runs(lane, id) where state = 'approved';
create table action_output(
  run_id integer not null,
  seq integer not null,
  body text not null,
  primary key(run_id, seq)
);
create table recoveries(
  incident_id integer not null,
  service_id text not null,
  doc text not null,
  primary key(incident_id, service_id)
);
create table vendor_backups(
  vendor_id text primary key,
  since integer not null,
  run_id integer not null
);
