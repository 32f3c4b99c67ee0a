-- A ticket that stands for a first factor only: a second one is still due.

-- +goose Up
ALTER TABLE sign_in_tokens ADD COLUMN first_factor INTEGER NOT NULL DEFAULT 0;
