-- +goose Up
-- Regular health checks of customers: those that are to be made, and those that were.
create table health_checks(
  id bigint primary key,
  customer_id text not null,
  since bigint not null,
  asked_at bigint not null,
  late_at bigint not null,
  done_at bigint not null,
  doc text not null
);
create unique index health_checks_open on health_checks(customer_id) where done_at = 0;
create index health_checks_of on health_checks(customer_id, id);
