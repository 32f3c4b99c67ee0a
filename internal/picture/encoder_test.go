package picture_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/picture"
)

func drawn(w, h int, alpha uint8) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.NRGBA{R: uint8(x), G: uint8(y), B: 7, A: alpha}) //nolint:gosec // wraps on purpose
		}
	}
	return m
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEncode(t *testing.T) {
	t.Parallel()
	var asJPEG, asGIF bytes.Buffer
	if err := errors.Join(jpeg.Encode(&asJPEG, drawn(700, 350, 255), nil), gif.Encode(&asGIF, drawn(9, 3, 255), nil)); err != nil {
		t.Fatal(err)
	}
	opaque := asPNG(t, drawn(20, 10, 255))
	for name, test := range map[string]struct {
		file []byte
		kind string
		size image.Point
	}{
		"a large JPEG":  {asJPEG.Bytes(), "jpeg", image.Pt(512, 256)},
		"a GIF":         {asGIF.Bytes(), "jpeg", image.Pt(9, 3)},
		"a PNG":         {opaque, "jpeg", image.Pt(20, 10)},
		"a transparent": {asPNG(t, drawn(20, 10, 100)), "png", image.Pt(20, 10)},
		"a data URL":    {[]byte("data:image/png;base64," + base64.StdEncoding.EncodeToString(opaque)), "jpeg", image.Pt(20, 10)},
		// A script behind the picture is what a browser that guesses would run.
		"with a tail": {append(bytes.Clone(opaque), "<script>alert(1)</script>"...), "jpeg", image.Pt(20, 10)},
		"a thin one":  {asPNG(t, drawn(2000, 1, 255)), "jpeg", image.Pt(512, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contentType, content, err := picture.NewEncoder().Encode(t.Context(), test.file)
			if err != nil || contentType != "image/"+test.kind {
				t.Fatalf("%s, %v", contentType, err)
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(content))
			if err != nil || kind != test.kind || image.Pt(c.Width, c.Height) != test.size {
				t.Errorf("%s %dx%d, %v", kind, c.Width, c.Height, err)
			}
			if bytes.Contains(content, []byte("script")) {
				t.Error("something of the file is left")
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	bomb := asPNG(t, drawn(1, 1, 255))
	copy(bomb[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // claims 65535x65535 in its header
	for name, test := range map[string]struct {
		file []byte
		code auth.Code
	}{
		"nothing":             {nil, auth.CodeImageInvalid},
		"a text":              {[]byte("hello"), auth.CodeImageInvalid},
		"an SVG":              {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), auth.CodeImageInvalid},
		"half a PNG":          {asPNG(t, drawn(99, 99, 255))[:200], auth.CodeImageInvalid},
		"a bomb":              {bomb, auth.CodeImageInvalid},
		"too many bytes":      {make([]byte, picture.MaxUpload+1), auth.CodeImageTooLarge},
		"a data URL of text":  {[]byte("data:text/plain,hello"), auth.CodeImageInvalid},
		"a broken data URL":   {[]byte("data:image/png;base64,!"), auth.CodeImageInvalid},
		"too many pixels":     {pixels(t), auth.CodeImageTooLarge},
		"a data URL, no data": {[]byte("data:"), auth.CodeImageInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused *auth.Error
			if _, _, err := picture.NewEncoder().Encode(t.Context(), test.file); !errors.As(err, &refused) || refused.Code != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
}

// pixels is a GIF whose header claims more pixels than are decoded.
func pixels(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, drawn(1, 1, 255), nil); err != nil {
		t.Fatal(err)
	}
	copy(b.Bytes()[6:10], []byte{0xff, 0xff, 0xff, 0xff})
	return b.Bytes()
}

// TestWaitingEnds leaves the queue when nobody waits for the answer any more.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := picture.NewEncoder()
	file := asPNG(t, drawn(1, 1, 255))
	for range 50 { // either it got a slot, or the context decided
		if _, _, err := e.Encode(ctx, file); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}
