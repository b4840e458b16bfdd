-- +goose Up
-- Evidence stays: the database itself refuses to change or remove any. Chunks that
-- no file is made of are what is left of an upload that broke off.
create table evidence_chunks(
  upload_id bigint not null,
  seq bigint not null,
  data bytea not null,
  primary key(upload_id, seq)
);
create table evidence_blobs(
  sha256 text primary key,
  upload_id bigint not null,
  size bigint not null,
  at bigint not null
);
create unique index evidence_blobs_upload on evidence_blobs(upload_id);
create table evidence(
  id bigint primary key,
  incident_id bigint not null,
  sha256 text not null,
  doc text not null
);
create index evidence_by_incident on evidence(incident_id, id);
-- +goose StatementBegin
create function evidence_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'evidence is kept';
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function evidence_chunk_is_kept() returns trigger language plpgsql as $$
begin
  if exists(select 1 from evidence_blobs b where b.upload_id = old.upload_id) then
    raise exception 'evidence is kept';
  end if;
  return old;
end
$$;
-- +goose StatementEnd
create trigger evidence_stays before delete or update on evidence for each row execute function evidence_is_kept();
create trigger evidence_blobs_stay before delete or update on evidence_blobs for each row execute function evidence_is_kept();
create trigger evidence_chunks_stay before delete on evidence_chunks for each row execute function evidence_chunk_is_kept();
create trigger evidence_chunks_unchanged before update on evidence_chunks for each row execute function evidence_is_kept();
