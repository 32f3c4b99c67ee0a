-- +goose Up
-- What has to stand in the DNS, and until when; empty while nobody has asked.
ALTER TABLE org_domains ADD COLUMN ownership_value TEXT NOT NULL DEFAULT '';
ALTER TABLE org_domains ADD COLUMN ownership_expire_at INTEGER NOT NULL DEFAULT 0;
