-- What a back end decided about one user, and where a sign-in token leads.

-- +goose Up
ALTER TABLE users ADD COLUMN delete_self INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN create_orgs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN org_limit INTEGER NOT NULL DEFAULT -1;
ALTER TABLE sign_in_tokens ADD COLUMN organization_id TEXT NOT NULL DEFAULT '';
