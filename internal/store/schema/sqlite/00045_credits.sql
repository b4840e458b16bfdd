-- +goose Up
-- What customers are credited for a month or an incident, and why.
create table credit_memos(
  id integer primary key,
  slot text not null,
  customer text not null,
  month text not null,
  sort text not null,
  state text not null,
  cents integer not null,
  currency text not null,
  incident_id integer not null,
  doc text not null
);
create unique index credit_memos_slot on credit_memos(slot);
create index credit_memos_customer on credit_memos(customer, month);
create index credit_memos_month on credit_memos(month, id);
create index credit_memos_state on credit_memos(state, id);
-- The incidents that each memo is about.
create table credit_parts(
  incident_id integer not null,
  memo_id integer not null,
  primary key(incident_id, memo_id)
);
create index credit_parts_memo on credit_parts(memo_id);
