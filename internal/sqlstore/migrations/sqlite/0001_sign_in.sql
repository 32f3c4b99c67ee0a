-- Instants are integers in milliseconds since 1970, 0 for none. An absent unique
-- text is NULL, so that uniqueness ignores it on every database.

-- +goose Up
CREATE TABLE clients (
	id                  TEXT PRIMARY KEY,
	version             INTEGER NOT NULL,
	last_active_session TEXT NOT NULL,
	sign_in             TEXT NOT NULL,
	sign_up             TEXT NOT NULL,
	last_strategy       TEXT NOT NULL,
	signed_in_or_out_at INTEGER NOT NULL,
	deleted             INTEGER NOT NULL,
	created_at          INTEGER NOT NULL,
	updated_at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX clients_created ON clients (created_at, id) WHERE deleted = FALSE;

CREATE TABLE client_tokens (
	hash       BLOB PRIMARY KEY,
	client_id  TEXT NOT NULL REFERENCES clients (id),
	generation INTEGER NOT NULL,
	created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_tokens_client ON client_tokens (client_id);

CREATE TABLE users (
	id                TEXT PRIMARY KEY,
	version           INTEGER NOT NULL,
	username          TEXT,
	first_name        TEXT NOT NULL,
	last_name         TEXT NOT NULL,
	external_id       TEXT,
	primary_email     TEXT NOT NULL,
	password          TEXT NOT NULL,
	password_set_at   INTEGER NOT NULL,
	public_meta       TEXT NOT NULL,
	private_meta      TEXT NOT NULL,
	unsafe_meta       TEXT NOT NULL,
	banned            INTEGER NOT NULL,
	legal_accepted_at INTEGER NOT NULL,
	locale            TEXT NOT NULL,
	last_sign_in_at   INTEGER NOT NULL,
	last_active_at    INTEGER NOT NULL,
	created_at        INTEGER NOT NULL,
	updated_at        INTEGER NOT NULL,
	primary_address   TEXT NOT NULL, -- of the primary email, to order by
	folded_name       TEXT NOT NULL, -- first and last name in lower case
	search            TEXT NOT NULL  -- what a person types to find the user, in lower case
) STRICT;
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_external_id ON users (external_id);
CREATE INDEX users_username_order ON users (username, id); -- most users have none, and those are ordered too
CREATE INDEX users_created ON users (created_at, id);
CREATE INDEX users_updated ON users (updated_at, id);
CREATE INDEX users_last_sign_in ON users (last_sign_in_at, id);
CREATE INDEX users_last_active ON users (last_active_at, id);
CREATE INDEX users_primary_address ON users (primary_address, id);
CREATE INDEX users_first_name ON users (first_name, id);
CREATE INDEX users_last_name ON users (last_name, id);

CREATE TABLE emails (
	id           TEXT PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	position     INTEGER NOT NULL,
	address      TEXT NOT NULL,
	strategy     TEXT NOT NULL,
	status       TEXT NOT NULL,
	attempts     INTEGER NOT NULL,
	expire_at    INTEGER NOT NULL,
	verified_at  INTEGER NOT NULL,
	about        TEXT NOT NULL,
	code_hash    BLOB NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX emails_user ON emails (user_id, position);
CREATE INDEX emails_address ON emails (address);
CREATE UNIQUE INDEX emails_verified_address ON emails (address) WHERE status = 'verified';

-- A session outlives its user: that it is over is positive knowledge.
CREATE TABLE sessions (
	id               TEXT PRIMARY KEY,
	version          INTEGER NOT NULL,
	client_id        TEXT NOT NULL REFERENCES clients (id),
	user_id          TEXT NOT NULL,
	status           TEXT NOT NULL,
	first_factor_at  INTEGER NOT NULL,
	second_factor_at INTEGER NOT NULL,
	ip_address       TEXT NOT NULL,
	user_agent       TEXT NOT NULL,
	device_type      TEXT NOT NULL,
	browser          TEXT NOT NULL,
	mobile           INTEGER NOT NULL,
	last_active_at   INTEGER NOT NULL,
	expire_at        INTEGER NOT NULL,
	abandon_at       INTEGER NOT NULL,
	created_at       INTEGER NOT NULL,
	updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_live ON sessions (client_id) WHERE status IN ('active', 'pending'); -- read by every session check
CREATE INDEX sessions_client ON sessions (client_id);
CREATE INDEX sessions_user ON sessions (user_id, status);
CREATE INDEX sessions_created ON sessions (created_at, id);

CREATE TABLE sign_ins (
	id              TEXT PRIMARY KEY,
	version         INTEGER NOT NULL,
	client_id       TEXT NOT NULL REFERENCES clients (id),
	identifier      TEXT NOT NULL,
	user_id         TEXT NOT NULL,
	first_strategy     TEXT NOT NULL,
	first_status       TEXT NOT NULL,
	first_attempts     INTEGER NOT NULL,
	first_expire_at    INTEGER NOT NULL,
	first_verified_at  INTEGER NOT NULL,
	first_about        TEXT NOT NULL,
	first_code_hash    BLOB NOT NULL,
	second_strategy    TEXT NOT NULL,
	second_status      TEXT NOT NULL,
	second_attempts    INTEGER NOT NULL,
	second_expire_at   INTEGER NOT NULL,
	second_verified_at INTEGER NOT NULL,
	second_about       TEXT NOT NULL,
	second_code_hash   BLOB NOT NULL,
	new_password    INTEGER NOT NULL,
	created_session TEXT NOT NULL,
	abandon_at      INTEGER NOT NULL,
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_client ON sign_ins (client_id);
CREATE INDEX sign_ins_abandon ON sign_ins (abandon_at);

CREATE TABLE sign_ups (
	id                TEXT PRIMARY KEY,
	version           INTEGER NOT NULL,
	client_id         TEXT NOT NULL REFERENCES clients (id),
	email_address     TEXT NOT NULL,
	strategy          TEXT NOT NULL,
	status            TEXT NOT NULL,
	attempts          INTEGER NOT NULL,
	expire_at         INTEGER NOT NULL,
	verified_at       INTEGER NOT NULL,
	about             TEXT NOT NULL,
	code_hash         BLOB NOT NULL,
	password          TEXT NOT NULL,
	username          TEXT NOT NULL,
	first_name        TEXT NOT NULL,
	last_name         TEXT NOT NULL,
	unsafe_meta       TEXT, -- NULL until given
	legal_accepted_at INTEGER NOT NULL,
	locale            TEXT NOT NULL,
	shadow            INTEGER NOT NULL,
	created_session   TEXT NOT NULL,
	created_user      TEXT NOT NULL,
	abandon_at        INTEGER NOT NULL,
	created_at        INTEGER NOT NULL,
	updated_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ups_client ON sign_ups (client_id);
CREATE INDEX sign_ups_abandon ON sign_ups (abandon_at);

CREATE TABLE sign_in_tokens (
	id         TEXT PRIMARY KEY,
	version    INTEGER NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	hash       BLOB NOT NULL,
	status     TEXT NOT NULL,
	expire_at  INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sign_in_tokens_hash ON sign_in_tokens (hash);
CREATE INDEX sign_in_tokens_user ON sign_in_tokens (user_id);

CREATE TABLE lockouts (
	key          BLOB PRIMARY KEY,
	version      INTEGER NOT NULL,
	failures     INTEGER NOT NULL,
	locked_until INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX lockouts_updated ON lockouts (updated_at);

CREATE TABLE messages (
	id         TEXT PRIMARY KEY,
	sealed     BLOB NOT NULL,
	due_at     INTEGER NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_due ON messages (due_at, id);
CREATE INDEX messages_created ON messages (created_at, id);

CREATE TABLE instance_values (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT;
