-- +goose Up
-- Who is at a task, and since when.
alter table tasks add column taken_by text not null default '';
alter table tasks add column taken_at bigint not null default 0;
