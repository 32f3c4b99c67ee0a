-- +goose Up
CREATE TABLE organizations (
	id              TEXT PRIMARY KEY,
	version         INTEGER NOT NULL,
	name            TEXT NOT NULL,
	slug            TEXT,
	created_by      TEXT NOT NULL,
	public_meta     TEXT NOT NULL,
	private_meta    TEXT NOT NULL,
	max_memberships INTEGER NOT NULL,
	admin_delete    INTEGER NOT NULL,
	image           TEXT NOT NULL,
	members         INTEGER NOT NULL, -- kept equal to the number of memberships
	pending         INTEGER NOT NULL, -- invitations, as of the last change of any
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL,
	folded_name     TEXT NOT NULL, -- to order by
	search          TEXT NOT NULL  -- what a person types to find it, in lower case
) STRICT;
CREATE UNIQUE INDEX organizations_slug ON organizations (slug);
CREATE INDEX organizations_created ON organizations (created_at, id);
CREATE INDEX organizations_name ON organizations (folded_name, id);
CREATE INDEX organizations_members ON organizations (members, id);
CREATE INDEX organizations_created_by ON organizations (created_by);

CREATE TABLE org_roles (
	id          TEXT PRIMARY KEY,
	version     INTEGER NOT NULL,
	key         TEXT NOT NULL,
	name        TEXT NOT NULL,
	description TEXT NOT NULL,
	permissions TEXT NOT NULL, -- keys with a space between them
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_roles_key ON org_roles (key);
CREATE INDEX org_roles_created ON org_roles (created_at, id);

CREATE TABLE org_permissions (
	id          TEXT PRIMARY KEY,
	version     INTEGER NOT NULL,
	key         TEXT NOT NULL,
	name        TEXT NOT NULL,
	description TEXT NOT NULL,
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_permissions_key ON org_permissions (key);
CREATE INDEX org_permissions_created ON org_permissions (created_at, id);

CREATE TABLE org_memberships (
	id           TEXT PRIMARY KEY,
	version      INTEGER NOT NULL,
	org_id       TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	role_id      TEXT NOT NULL REFERENCES org_roles (id),
	public_meta  TEXT NOT NULL,
	private_meta TEXT NOT NULL,
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_memberships_one ON org_memberships (org_id, user_id);
CREATE INDEX org_memberships_user ON org_memberships (user_id, created_at, id);
CREATE INDEX org_memberships_org ON org_memberships (org_id, created_at, id);
CREATE INDEX org_memberships_role ON org_memberships (role_id, org_id);
CREATE INDEX org_memberships_created ON org_memberships (created_at, id);

CREATE TABLE org_domains (
	id                  TEXT PRIMARY KEY,
	version             INTEGER NOT NULL,
	org_id              TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	name                TEXT NOT NULL,
	enrollment          TEXT NOT NULL,
	affiliation_address TEXT NOT NULL,
	strategy            TEXT NOT NULL,
	status              TEXT NOT NULL,
	attempts            INTEGER NOT NULL,
	expire_at           INTEGER NOT NULL,
	verified_at         INTEGER NOT NULL,
	about               TEXT NOT NULL,
	code_hash           BLOB NOT NULL,
	detail              TEXT NOT NULL,
	proven_at           INTEGER NOT NULL,
	proven_by           TEXT NOT NULL,
	created_at          INTEGER NOT NULL,
	updated_at          INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_domains_one ON org_domains (org_id, name);
CREATE UNIQUE INDEX org_domains_proven ON org_domains (name) WHERE proven_at > 0;
CREATE INDEX org_domains_name ON org_domains (name, id);
CREATE INDEX org_domains_org ON org_domains (org_id, created_at, id);
CREATE INDEX org_domains_created ON org_domains (created_at, id);

CREATE TABLE org_invitations (
	id            TEXT PRIMARY KEY,
	version       INTEGER NOT NULL,
	org_id        TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	email_address TEXT NOT NULL,
	role_id       TEXT NOT NULL,
	inviter_id    TEXT NOT NULL,
	domain_id     TEXT NOT NULL,
	status        TEXT NOT NULL,
	hash          BLOB,
	redirect_url  TEXT NOT NULL,
	public_meta   TEXT NOT NULL,
	private_meta  TEXT NOT NULL,
	expire_at     INTEGER NOT NULL, -- 0 is never
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_invitations_open ON org_invitations (org_id, email_address) WHERE status = 'pending';
CREATE UNIQUE INDEX org_invitations_hash ON org_invitations (hash);
CREATE INDEX org_invitations_org ON org_invitations (org_id, created_at, id);
CREATE INDEX org_invitations_org_status ON org_invitations (org_id, status, created_at, id);
CREATE INDEX org_invitations_address ON org_invitations (email_address, id);
CREATE INDEX org_invitations_created ON org_invitations (created_at, id);
CREATE INDEX org_invitations_role ON org_invitations (role_id, status);
CREATE INDEX org_invitations_domain ON org_invitations (domain_id, status) WHERE domain_id <> '';

CREATE TABLE org_suggestions (
	id         TEXT PRIMARY KEY,
	version    INTEGER NOT NULL,
	org_id     TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	domain_id  TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	status     TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX org_suggestions_one ON org_suggestions (org_id, user_id);
CREATE INDEX org_suggestions_user ON org_suggestions (user_id, created_at, id);
CREATE INDEX org_suggestions_org ON org_suggestions (org_id, created_at, id);
CREATE INDEX org_suggestions_domain ON org_suggestions (domain_id, status);

-- The organization a session acts in; empty for the personal account.
ALTER TABLE sessions ADD COLUMN org_id TEXT NOT NULL DEFAULT '';

INSERT INTO org_permissions (id, version, key, name, description, created_at, updated_at) VALUES
	('perm_sysprofilemanage', 1, 'org:sys_profile:manage', 'Manage the organization', 'Change the name, slug and logo of the organization.', 1790000000000, 1790000000000),
	('perm_sysprofiledelete', 1, 'org:sys_profile:delete', 'Delete the organization', 'Delete the organization.', 1790000000001, 1790000000001),
	('perm_sysmembershipsread', 1, 'org:sys_memberships:read', 'Read members', 'See who belongs to the organization.', 1790000000002, 1790000000002),
	('perm_sysmembershipsmanage', 1, 'org:sys_memberships:manage', 'Manage members', 'Invite, change and remove members.', 1790000000003, 1790000000003),
	('perm_sysdomainsread', 1, 'org:sys_domains:read', 'Read domains', 'See the domains of the organization.', 1790000000004, 1790000000004),
	('perm_sysdomainsmanage', 1, 'org:sys_domains:manage', 'Manage domains', 'Add, verify, change and remove domains.', 1790000000005, 1790000000005),
	('perm_sysbillingread', 1, 'org:sys_billing:read', 'Read billing', 'See the billing of the organization.', 1790000000006, 1790000000006),
	('perm_sysbillingmanage', 1, 'org:sys_billing:manage', 'Manage billing', 'Change the billing of the organization.', 1790000000007, 1790000000007),
	('perm_sysapikeysread', 1, 'org:sys_api_keys:read', 'Read API keys', 'See the API keys of the organization.', 1790000000008, 1790000000008),
	('perm_sysapikeysmanage', 1, 'org:sys_api_keys:manage', 'Manage API keys', 'Make and revoke API keys of the organization.', 1790000000009, 1790000000009);

INSERT INTO org_roles (id, version, key, name, description, permissions, created_at, updated_at) VALUES
	('role_organizationadmin', 1, 'org:admin', 'Admin', 'Can do everything in the organization.',
	 'org:sys_api_keys:manage org:sys_api_keys:read org:sys_billing:manage org:sys_billing:read org:sys_domains:manage org:sys_domains:read org:sys_memberships:manage org:sys_memberships:read org:sys_profile:delete org:sys_profile:manage',
	 1790000000000, 1790000000000),
	('role_organizationmember', 1, 'org:member', 'Member', 'Belongs to the organization.',
	 'org:sys_billing:read org:sys_memberships:read', 1790000000001, 1790000000001);
