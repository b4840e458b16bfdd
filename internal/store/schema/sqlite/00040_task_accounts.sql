-- +goose Up
-- The accounts that a task is about, by id: a duty per account grows and shrinks with
-- what its incident touches.
alter table tasks add column accounts text not null default '[]';
