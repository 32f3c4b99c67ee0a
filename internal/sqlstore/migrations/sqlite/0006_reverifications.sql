-- The one reverification of a session; its id is the session's.

-- +goose Up
CREATE TABLE reverifications (
	id                 TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
	version            INTEGER NOT NULL,
	level              TEXT NOT NULL,
	first_strategy     TEXT NOT NULL,
	first_status       TEXT NOT NULL,
	first_attempts     INTEGER NOT NULL,
	first_expire_at    INTEGER NOT NULL,
	first_verified_at  INTEGER NOT NULL,
	first_about        TEXT NOT NULL,
	first_code_hash    BLOB NOT NULL,
	first_detail       TEXT NOT NULL,
	second_strategy    TEXT NOT NULL,
	second_status      TEXT NOT NULL,
	second_attempts    INTEGER NOT NULL,
	second_expire_at   INTEGER NOT NULL,
	second_verified_at INTEGER NOT NULL,
	second_about       TEXT NOT NULL,
	second_code_hash   BLOB NOT NULL,
	second_detail      TEXT NOT NULL,
	abandon_at         INTEGER NOT NULL,
	created_at         INTEGER NOT NULL,
	updated_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reverifications_abandon ON reverifications (abandon_at);
