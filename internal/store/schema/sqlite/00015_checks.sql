-- +goose Up
-- How each synthetic check stands at each place it is made from.
create table check_results(
  check_id text not null,
  probe text not null,
  service_id text not null,
  due_at integer not null,
  expected_at integer not null,
  ran_at integer not null,
  up boolean not null,
  streak integer not null,
  took integer not null,
  certificate_until integer not null,
  succeeded_at integer not null,
  failed_at integer not null,
  error text not null,
  primary key(check_id, probe)
);
create index check_results_due on check_results(probe, due_at);
