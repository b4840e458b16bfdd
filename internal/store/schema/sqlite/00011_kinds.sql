-- +goose Up
-- Notices of no incident have kinds of their own.
update deliveries set kind = 'duty' where kind = 'notice' and key like 'rota/%';
update deliveries set kind = 'dead_end' where kind = 'notice' and key like 'reachability/%';
