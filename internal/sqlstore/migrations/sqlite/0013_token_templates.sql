-- Templates of tokens for third parties; sessions in which somebody acts for
-- their user, and the tickets that begin them.

-- +goose Up
CREATE TABLE jwt_templates (
	id         TEXT PRIMARY KEY,
	version    INTEGER NOT NULL,
	name       TEXT NOT NULL,
	claims     TEXT NOT NULL,
	lifetime   INTEGER NOT NULL, -- seconds
	clock_skew INTEGER NOT NULL, -- seconds
	algorithm  TEXT NOT NULL,
	sealed_key BLOB, -- NULL when the key of the instance signs
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX jwt_templates_name ON jwt_templates (name);
CREATE INDEX jwt_templates_created ON jwt_templates (created_at, id);

ALTER TABLE sessions ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_tokens ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_tokens ADD COLUMN session_lifetime INTEGER NOT NULL DEFAULT 0; -- seconds
