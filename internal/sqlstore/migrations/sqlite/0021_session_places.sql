-- Where a session was used last, as far as a proxy said so.

-- +goose Up
ALTER TABLE sessions ADD COLUMN city TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN country TEXT NOT NULL DEFAULT '';
