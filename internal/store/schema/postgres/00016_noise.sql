-- +goose Up
-- What is remembered of an alert to keep it quiet, and why it paged or did not.
alter table alerts add column noise text not null default '';
