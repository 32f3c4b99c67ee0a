package picture_test

import (
	"bytes"
	"image/png"
	"testing"

	"github.com/perennialauth/perennial/internal/picture"
)

func TestPersonIsASmallSquare(t *testing.T) {
	t.Parallel()
	raw := picture.Person()
	if len(raw) > 8<<10 {
		t.Errorf("%d bytes for a picture that everybody loads", len(raw))
	}
	p, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	size := p.Bounds().Size()
	if size.X != size.Y || p.At(2, 2) == p.At(size.X/2, size.Y/3) || p.At(size.X/2, size.Y/3) != p.At(size.X/2, size.Y-2) {
		t.Errorf("%v without a head and shoulders", size)
	}
}
