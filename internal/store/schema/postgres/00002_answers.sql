-- +goose Up
alter table deliveries add column confirmed_at bigint not null default 0;
alter table deliveries add column confirmation text not null default '';
create index pages_person on pages(person_id, id);
