-- +goose Up
CREATE TABLE org_role_sets (
	id           TEXT PRIMARY KEY,
	version      INTEGER NOT NULL,
	key          TEXT NOT NULL,
	name         TEXT NOT NULL,
	description  TEXT NOT NULL,
	initial      INTEGER NOT NULL,
	roles        TEXT NOT NULL, -- ids with a space between them
	default_role TEXT NOT NULL,
	creator_role TEXT NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_role_sets_key ON org_role_sets (key);
CREATE UNIQUE INDEX org_role_sets_initial ON org_role_sets (initial) WHERE initial = TRUE;
CREATE INDEX org_role_sets_created ON org_role_sets (created_at, id);

-- Empty for the initial set.
ALTER TABLE organizations ADD COLUMN role_set TEXT NOT NULL DEFAULT '';
CREATE INDEX organizations_role_set ON organizations (role_set);

INSERT INTO org_role_sets (id, version, key, name, description, initial, roles, default_role, creator_role, created_at, updated_at)
	SELECT 'rolset_default', 1, 'role_set:default', 'Default', 'The roles of every organization without another set.', TRUE,
		group_concat(r.id, ' '), 'role_organizationmember', 'role_organizationadmin', 1790000000000, 1790000000000
	FROM org_roles r;
