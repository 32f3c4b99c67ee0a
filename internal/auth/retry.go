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
