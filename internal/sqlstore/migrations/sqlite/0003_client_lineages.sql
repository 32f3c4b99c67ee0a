-- Lines of bound client credentials. The credentials themselves are derived and
-- never stored; a row appears when the first of its line is presented.

-- +goose Up
CREATE TABLE client_lineages (
	id           BLOB PRIMARY KEY,
	version      INTEGER NOT NULL,
	client_id    TEXT NOT NULL REFERENCES clients (id),
	key_hash     BLOB NOT NULL, -- thumbprint of the device's public key
	generation   INTEGER NOT NULL, -- the newest that was presented
	ended_at     INTEGER NOT NULL,
	presented_at INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_lineages_client ON client_lineages (client_id, updated_at DESC, id);
CREATE INDEX client_lineages_updated ON client_lineages (updated_at);
