-- A trip is bound to its client alone.

-- +goose Up
ALTER TABLE oauth_flows DROP COLUMN browser_hash;
