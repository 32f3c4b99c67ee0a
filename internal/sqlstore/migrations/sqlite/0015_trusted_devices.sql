-- Devices that sign their user in by a key of their own.

-- +goose Up
ALTER TABLE users ADD COLUMN has_devices INTEGER NOT NULL DEFAULT 0; -- saves everybody else a query

CREATE TABLE trusted_devices (
	id       TEXT PRIMARY KEY,
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	document TEXT NOT NULL -- JSON; the key in it is the public one
) STRICT, WITHOUT ROWID;
CREATE INDEX trusted_devices_user ON trusted_devices (user_id, position);
