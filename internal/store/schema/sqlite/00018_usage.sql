-- +goose Up
-- How much customers use the product, by hour, and when that was unlike before.
create table usage_hours(
  customer_id text not null,
  metric text not null,
  hour integer not null,
  value real not null,
  primary key(customer_id, metric, hour)
);
create index usage_hours_by_time on usage_hours(hour);
create table usage_warnings(
  id integer primary key,
  customer_id text not null,
  metric text not null,
  kind text not null,
  since integer not null,
  ended_at integer not null,
  doc text not null
);
create unique index usage_warnings_standing on usage_warnings(customer_id, metric) where ended_at = 0;
