-- What a back end notes on a sign-up.

-- +goose Up
ALTER TABLE sign_ups ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ups ADD COLUMN custom_action INTEGER NOT NULL DEFAULT 0;
