package auth

import (
	"errors"
	"fmt"
)

// ConflictRetries bounds how often a use case decides again.
const ConflictRetries = 8

// Retry runs decide, which loads, decides and commits, again while it ends in
// [ErrConflict]. Giving up is [ErrUnavailable]: so much contention says nothing
// about the request.
func Retry(decide func() error) error {
	for range ConflictRetries {
		err := decide()
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("still conflicting after %d attempts: %w", ConflictRetries, ErrUnavailable)
}

// TakenMeanwhile makes [ErrExists] of a commit a reason to decide again: somebody
// else took in the same instant what was found free.
func TakenMeanwhile(err error) error {
	if errors.Is(err, ErrExists) {
		return ErrConflict
	}
	return err
}
