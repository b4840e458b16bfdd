-- +goose Up
-- How each synthetic check stands at each place it is made from.
create table check_results(
  check_id text not null,
  probe text not null,
  service_id text not null,
  due_at bigint not null,
  expected_at bigint not null,
  ran_at bigint not null,
  up boolean not null,
  streak bigint not null,
  took bigint not null,
  certificate_until bigint not null,
  succeeded_at bigint not null,
  failed_at bigint not null,
  error text not null,
  primary key(check_id, probe)
);
create index check_results_due on check_results(probe, due_at);
