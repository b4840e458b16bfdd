-- +goose Up
-- Customers' tickets elsewhere, as we know them.
create table tickets(
  id bigint primary key,
  source text not null,
  external_id text not null,
  service_id text not null,
  customer_id text not null,
  queue text not null,
  state text not null,
  incident_id bigint not null,
  version bigint not null,
  written bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  doc text not null,
  unique(source, external_id)
);
create index tickets_queue on tickets(queue, state, id);
create index tickets_customer on tickets(customer_id, id);
create index tickets_service on tickets(service_id, updated_at);
create index tickets_incident on tickets(incident_id) where incident_id <> 0;
