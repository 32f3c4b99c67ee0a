-- Who may sign up: invitations, the waitlist, the allow and the block list.

-- +goose Up
CREATE TABLE invitations (
	id            TEXT PRIMARY KEY,
	version       INTEGER NOT NULL,
	email_address TEXT NOT NULL,
	hash          BLOB NOT NULL,
	status        TEXT NOT NULL,
	public_meta   TEXT, -- NULL until given
	redirect_url  TEXT NOT NULL,
	expire_at     INTEGER NOT NULL,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE INDEX invitations_address ON invitations (email_address, status);
CREATE INDEX invitations_created ON invitations (created_at, id);

CREATE TABLE waitlist_entries (
	id            TEXT PRIMARY KEY,
	version       INTEGER NOT NULL,
	email_address TEXT NOT NULL,
	status        TEXT NOT NULL,
	invitation    TEXT NOT NULL,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX waitlist_entries_address ON waitlist_entries (email_address);
CREATE INDEX waitlist_entries_created ON waitlist_entries (created_at, id);

CREATE TABLE identifier_rules (
	id         TEXT PRIMARY KEY,
	list       TEXT NOT NULL,
	identifier TEXT NOT NULL,
	kind       TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identifier_rules_identifier ON identifier_rules (identifier, list);
CREATE INDEX identifier_rules_list ON identifier_rules (list, created_at, id);

ALTER TABLE sign_ins ADD COLUMN sign_up_if_missing INTEGER NOT NULL DEFAULT 0;
