-- Proofs of addresses and numbers that back ends began.

-- +goose Up
CREATE TABLE contact_verifications (
	id          TEXT PRIMARY KEY,
	version     INTEGER NOT NULL,
	user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	strategy    TEXT NOT NULL,
	status      TEXT NOT NULL,
	attempts    INTEGER NOT NULL,
	expire_at   INTEGER NOT NULL,
	verified_at INTEGER NOT NULL,
	about       TEXT NOT NULL,
	code_hash   BLOB NOT NULL,
	detail      TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX contact_verifications_user ON contact_verifications (user_id);
CREATE INDEX contact_verifications_expire ON contact_verifications (expire_at);
