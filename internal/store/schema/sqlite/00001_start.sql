-- +goose Up
create table counters(
  name text primary key,
  value integer not null
);
create table documents(
  kind text not null,
  id text not null,
  doc text not null,
  version integer not null,
  updated_at integer not null,
  primary key(kind, id)
);
create index documents_kind on documents(kind, id);
create table accounts(
  id integer primary key,
  email text not null unique,
  person_id text not null,
  role text not null,
  password_hash text not null,
  disabled boolean not null,
  created_at integer not null,
  updated_at integer not null
);
create unique index accounts_person on accounts(person_id) where person_id <> '';
create table sessions(
  hash text primary key,
  account_id integer not null,
  created_at integer not null,
  expires_at integer not null,
  last_used_at integer not null
);
create index sessions_account on sessions(account_id);
create table api_tokens(
  id integer primary key,
  hash text not null unique,
  name text not null,
  account_id integer not null,
  role text not null,
  created_by text not null,
  created_at integer not null,
  expires_at integer not null,
  last_used_at integer not null
);
create unique index api_tokens_name on api_tokens(name) where account_id = 0;
create table integration_keys(
  id integer primary key,
  hash text not null unique,
  service_id text not null,
  kind text not null,
  name text not null,
  mapping text not null,
  secret text not null,
  created_by text not null,
  created_at integer not null
);
create table procedures(
  hash text primary key,
  name text not null,
  version text not null,
  body text not null,
  created_at integer not null
);
create table incidents(
  id integer primary key,
  number integer not null unique,
  service_id text not null,
  group_key text not null,
  status text not null,
  severity text not null,
  opened_at integer not null,
  updated_at integer not null,
  restricted boolean not null,
  open_alerts integer not null,
  alert_count integer not null,
  doc text not null
);
create unique index incidents_open on incidents(service_id, group_key) where status in ('triage','investigating','mitigated','monitoring');
create index incidents_recent on incidents(status, number);
create index incidents_restricted on incidents(id) where restricted;
create table alerts(
  id integer primary key,
  service_id text not null,
  dedup_key text not null,
  status text not null,
  severity text not null,
  hint text not null,
  summary text not null,
  source text not null,
  count integer not null,
  run integer not null,
  incident_id integer not null,
  first_at integer not null,
  last_at integer not null,
  resolved_at integer not null,
  details text not null,
  unique(service_id, dedup_key)
);
create index alerts_incident on alerts(incident_id, id);
create table signals(
  id integer primary key,
  source text not null,
  service_id text not null,
  received_at integer not null,
  dedup_key text not null,
  body blob not null,
  problem text not null
);
create table changes(
  id integer primary key,
  service_id text not null,
  summary text not null,
  source text not null,
  at integer not null,
  details text not null
);
create table events(
  id integer primary key,
  incident_id integer not null,
  kind text not null,
  actor text not null,
  source text not null,
  at integer not null,
  recorded_at integer not null,
  restricted boolean not null,
  data text not null
);
create index events_incident on events(incident_id, id);
create table deadlines(
  id integer primary key,
  incident_id integer not null,
  clock text not null,
  subject text not null,
  severity text not null,
  state text not null,
  started_at integer not null,
  warn_at integer not null,
  due_at integer not null,
  ended_at integer not null,
  generation integer not null,
  clauses text not null,
  evidence text not null
);
create index deadlines_incident on deadlines(incident_id, id);
create table timers(
  id integer primary key,
  kind text not null,
  ref text not null,
  incident_id integer not null,
  due_at integer not null,
  generation integer not null,
  attempts integer not null,
  last_error text not null,
  unique(kind, ref)
);
create index timers_due on timers(due_at, id);
create index timers_incident on timers(incident_id);
create table chains(
  incident_id integer primary key,
  doc text not null
);
create table pages(
  id integer primary key,
  incident_id integer not null,
  person_id text not null,
  reason text not null,
  step integer not null,
  round integer not null,
  severity text not null,
  state text not null,
  channel text not null,
  rung integer not null,
  at integer not null,
  ended_at integer not null,
  ack_hash text not null,
  subject text not null,
  body text not null,
  clauses text not null,
  unique(incident_id, reason, step, round, person_id)
);
create index pages_incident on pages(incident_id, id);
create unique index pages_ack on pages(ack_hash) where ack_hash <> '';
create table deliveries(
  id integer primary key,
  key text not null unique,
  kind text not null,
  ref_id integer not null,
  incident_id integer not null,
  recipient text not null,
  channel text not null,
  address text not null,
  subject text not null,
  body text not null,
  state text not null,
  priority integer not null,
  attempts integer not null,
  due_at integer not null,
  lease_until integer not null,
  fence integer not null,
  created_at integer not null,
  done_at integer not null,
  last_error text not null,
  receipt text not null,
  clauses text not null,
  headers text not null
);
create index deliveries_due on deliveries(priority, due_at, id) where state in ('queued','attempting');
create index deliveries_ref on deliveries(kind, ref_id);
create index deliveries_incident on deliveries(incident_id, id);
create index deliveries_failed on deliveries(done_at) where state = 'failed';
create table messages(
  id integer primary key,
  incident_id integer not null,
  audience text not null,
  purpose text not null,
  state text not null,
  created_at integer not null,
  published_at integer not null,
  doc text not null
);
create index messages_incident on messages(incident_id, id);
create table tasks(
  id integer primary key,
  incident_id integer not null,
  rule text not null,
  title text not null,
  owner text not null,
  state text not null,
  opened_at integer not null,
  due_at integer not null,
  done_at integer not null,
  done_by text not null,
  evidence text not null,
  clauses text not null,
  phase text not null
);
create index tasks_incident on tasks(incident_id, id);
create index tasks_due on tasks(due_at) where state = 'open';
create table idempotency(
  key text primary key,
  request text not null,
  status integer not null,
  headers text not null,
  body text not null,
  created_at integer not null
);
create index idempotency_age on idempotency(created_at);
