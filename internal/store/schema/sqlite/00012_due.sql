-- +goose Up
-- What is due is found in the index alone, also past a channel that has its share.
drop index deliveries_due;
create index deliveries_due on deliveries(priority, due_at, id, channel, state) where state in ('queued','attempting');
