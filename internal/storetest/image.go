package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// testImages: they come back as they went in, until they are deleted; deleting one that
// is not there is fine.
func testImages(t *testing.T, s Store) {
	first := auth.Image{ID: "img_1", ContentType: "image/png", Content: []byte{0, 1, 255}, CreatedAt: at(1)}
	second := auth.Image{ID: "img_2", ContentType: "image/jpeg", Content: []byte("x"), CreatedAt: at(2)}
	mustCommit(t, s, auth.Change{Images: []auth.Image{first, second}})
	got, err := s.Image(t.Context(), "img_1")
	if diff := cmp.Diff(first, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	mustCommit(t, s, auth.Change{DeletedImages: []auth.ImageID{"img_1", "img_9"}})
	if _, err := s.Image(t.Context(), "img_1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("a deleted image: %v", err)
	}
	if _, err := s.Image(t.Context(), "img_2"); err != nil {
		t.Errorf("the other image: %v", err)
	}
}
