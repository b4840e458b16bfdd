-- +goose Up
-- How a page climbs to the person, fixed when it opens.
alter table pages add column ladder text not null default '[]';
-- Places where nobody can be reached, as they were last found and told.
create table dead_ends(
  key text primary key,
  doc text not null
);
