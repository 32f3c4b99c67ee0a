-- Accounts elsewhere that people sign in with, and trips to their providers.
-- Tokens of providers are sealed; what a trip needs to end is sealed or hashed.

-- +goose Up
ALTER TABLE users ADD COLUMN has_external INTEGER NOT NULL DEFAULT 0; -- saves everybody else a query
ALTER TABLE sign_ins ADD COLUMN external_account TEXT;                -- NULL for none
ALTER TABLE browser_flows ADD COLUMN external TEXT;                   -- NULL for none

CREATE TABLE external_accounts (
	id             TEXT PRIMARY KEY,
	user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	position       INTEGER NOT NULL,
	identification TEXT NOT NULL,
	provider       TEXT NOT NULL,
	subject        TEXT NOT NULL, -- empty until proven
	email_address  TEXT NOT NULL,
	email_verified INTEGER NOT NULL,
	first_name     TEXT NOT NULL,
	last_name      TEXT NOT NULL,
	username       TEXT NOT NULL,
	image_url      TEXT NOT NULL,
	scopes         TEXT NOT NULL,
	tokens         TEXT NOT NULL,
	strategy       TEXT NOT NULL,
	status         TEXT NOT NULL,
	attempts       INTEGER NOT NULL,
	expire_at      INTEGER NOT NULL,
	verified_at    INTEGER NOT NULL,
	about          TEXT NOT NULL,
	code_hash      BLOB NOT NULL,
	detail         TEXT NOT NULL,
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX external_accounts_user ON external_accounts (user_id, position);
CREATE UNIQUE INDEX external_accounts_subject ON external_accounts (provider, subject) WHERE status = 'verified';

CREATE TABLE oauth_flows (
	id           TEXT PRIMARY KEY,
	version      INTEGER NOT NULL,
	client_id    TEXT NOT NULL,
	provider     TEXT NOT NULL,
	sign_in      TEXT NOT NULL,
	sign_up      TEXT NOT NULL,
	user_id      TEXT NOT NULL,
	account      TEXT NOT NULL,
	state_hash   BLOB NOT NULL,
	sealed       BLOB NOT NULL,
	browser_hash BLOB NOT NULL,
	native       INTEGER NOT NULL,
	callback     TEXT NOT NULL,
	redirect_url TEXT NOT NULL,
	complete_url TEXT NOT NULL,
	consumed_at  INTEGER NOT NULL,
	expire_at    INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX oauth_flows_expire ON oauth_flows (expire_at);
