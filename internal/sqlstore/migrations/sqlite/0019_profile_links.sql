-- Links that prove an address of a signed-in person belong to no attempt.

-- +goose Up
ALTER TABLE email_links ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE email_links ADD COLUMN email_id TEXT NOT NULL DEFAULT '';
