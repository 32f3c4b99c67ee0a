-- Phone numbers, second factors, images, and attempts that hold more than one
-- proof. A detail column is what only some strategies need, as one JSON document,
-- empty for none.

-- +goose Up
ALTER TABLE users ADD COLUMN primary_phone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN primary_number TEXT NOT NULL DEFAULT ''; -- of the primary phone, to order by
ALTER TABLE users ADD COLUMN has_phones INTEGER NOT NULL DEFAULT 0;   -- saves everybody else a query
ALTER TABLE users ADD COLUMN second_factors TEXT NOT NULL DEFAULT ''; -- JSON; secrets in it are sealed or hashed
ALTER TABLE users ADD COLUMN mfa_enabled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN mfa_disabled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN new_password_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN image TEXT NOT NULL DEFAULT '';
CREATE INDEX users_primary_number ON users (primary_number, id);

CREATE TABLE phones (
	id           TEXT PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	position     INTEGER NOT NULL,
	number       TEXT NOT NULL,
	strategy     TEXT NOT NULL,
	status       TEXT NOT NULL,
	attempts     INTEGER NOT NULL,
	expire_at    INTEGER NOT NULL,
	verified_at  INTEGER NOT NULL,
	about        TEXT NOT NULL,
	code_hash    BLOB NOT NULL,
	detail       TEXT NOT NULL,
	second_factor         INTEGER NOT NULL,
	default_second_factor INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phones_user ON phones (user_id, position);
CREATE INDEX phones_number ON phones (number);
CREATE UNIQUE INDEX phones_verified_number ON phones (number) WHERE status = 'verified';

ALTER TABLE emails ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN tasks TEXT NOT NULL DEFAULT '';

ALTER TABLE sign_ins ADD COLUMN first_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN second_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN second_due INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sign_ups ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN phone_number TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN phone_strategy TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN phone_status TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN phone_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN phone_expire_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN phone_verified_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN phone_about TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN phone_code_hash BLOB NOT NULL DEFAULT X'';
ALTER TABLE sign_ups ADD COLUMN phone_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN external_strategy TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN external_status TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN external_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN external_expire_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN external_verified_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ups ADD COLUMN external_about TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN external_code_hash BLOB NOT NULL DEFAULT X'';
ALTER TABLE sign_ups ADD COLUMN external_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN external_account TEXT; -- NULL for none
ALTER TABLE sign_ups ADD COLUMN invitation TEXT NOT NULL DEFAULT '';

CREATE TABLE images (
	id           TEXT PRIMARY KEY,
	content_type TEXT NOT NULL,
	content      BLOB NOT NULL,
	created_at   INTEGER NOT NULL
) STRICT;
