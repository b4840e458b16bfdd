-- +goose Up
-- Evidence stays: the database itself refuses to change or remove any. Chunks that
-- no file is made of are what is left of an upload that broke off.
create table evidence_chunks(
  upload_id integer not null,
  seq integer not null,
  data blob not null,
  primary key(upload_id, seq)
);
create table evidence_blobs(
  sha256 text primary key,
  upload_id integer not null,
  size integer not null,
  at integer not null
);
create unique index evidence_blobs_upload on evidence_blobs(upload_id);
create table evidence(
  id integer primary key,
  incident_id integer not null,
  sha256 text not null,
  doc text not null
);
create index evidence_by_incident on evidence(incident_id, id);
-- +goose StatementBegin
create trigger evidence_stays before delete on evidence begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger evidence_unchanged before update on evidence begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger evidence_blobs_stay before delete on evidence_blobs begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger evidence_blobs_unchanged before update on evidence_blobs begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger evidence_chunks_stay before delete on evidence_chunks
when exists(select 1 from evidence_blobs b where b.upload_id = old.upload_id)
begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger evidence_chunks_unchanged before update on evidence_chunks begin select raise(abort, 'evidence is kept'); end;
-- +goose StatementEnd
