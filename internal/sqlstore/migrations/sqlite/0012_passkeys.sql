-- Passkeys of users. A credential is one user's only; one that is not registered
-- yet has none.

-- +goose Up
ALTER TABLE users ADD COLUMN has_passkeys INTEGER NOT NULL DEFAULT 0; -- saves everybody else a query

CREATE TABLE passkeys (
	id            TEXT PRIMARY KEY,
	user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	position      INTEGER NOT NULL,
	name          TEXT NOT NULL,
	rp_id         TEXT NOT NULL,
	credential_id BLOB NOT NULL,
	public_key    TEXT NOT NULL, -- JSON: the key and what its authenticator says about itself
	strategy      TEXT NOT NULL,
	status        TEXT NOT NULL,
	attempts      INTEGER NOT NULL,
	expire_at     INTEGER NOT NULL,
	verified_at   INTEGER NOT NULL,
	about         TEXT NOT NULL,
	code_hash     BLOB NOT NULL,
	detail        TEXT NOT NULL,
	last_used_at  INTEGER NOT NULL,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_user ON passkeys (user_id, position);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id) WHERE credential_id <> X'';
