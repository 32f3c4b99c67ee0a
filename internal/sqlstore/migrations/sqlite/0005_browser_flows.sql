-- Trips through a browser on behalf of an app, and links in mails. Secrets are
-- hashed; what a client began does not outlive it for longer than a sweep.

-- +goose Up
CREATE TABLE browser_flows (
	id               TEXT PRIMARY KEY,
	version          INTEGER NOT NULL,
	client_id        TEXT NOT NULL,
	sign_in          TEXT NOT NULL,
	sign_up          TEXT NOT NULL,
	new_account      INTEGER NOT NULL,
	redirect_url     TEXT NOT NULL,
	state            TEXT NOT NULL,
	challenge        TEXT NOT NULL,
	ticket_hash      BLOB NOT NULL,
	visitor          TEXT NOT NULL,
	nonce_hash       BLOB NOT NULL,
	user_id          TEXT NOT NULL,
	strategy         TEXT NOT NULL,
	first_factor_at  INTEGER NOT NULL,
	second_factor_at INTEGER NOT NULL,
	session_id       TEXT NOT NULL,
	approved_at      INTEGER NOT NULL,
	redeemed_at      INTEGER NOT NULL,
	expire_at        INTEGER NOT NULL,
	created_at       INTEGER NOT NULL,
	updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX browser_flows_expire ON browser_flows (expire_at);

CREATE TABLE email_links (
	id            TEXT PRIMARY KEY,
	version       INTEGER NOT NULL,
	client_id     TEXT NOT NULL,
	sign_in       TEXT NOT NULL,
	sign_up       TEXT NOT NULL,
	hash          BLOB NOT NULL,
	redirect_url  TEXT NOT NULL,
	challenge     TEXT NOT NULL,
	approval_hash BLOB NOT NULL,
	ticket        TEXT NOT NULL,
	approved_at   INTEGER NOT NULL,
	consumed_at   INTEGER NOT NULL,
	expire_at     INTEGER NOT NULL,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX email_links_expire ON email_links (expire_at);
