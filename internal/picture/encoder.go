package picture

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/gif" // decodes
	"image/jpeg"
	"image/png"
	"strings"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decodes

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// MaxUpload is the largest file that is looked at, in bytes. A file as text
	// is a third longer.
	MaxUpload = 10 << 20
	// maxPixels bounds the memory of one decoded picture: 64 MB.
	maxPixels = 16 << 20
	// edge is the longest side of what is served, in pixels.
	edge    = 512
	quality = 88 // of JPEG
	// parallel is how many pictures are decoded at once.
	parallel = 1
)

// Encoder checks and encodes uploaded pictures. It is safe for concurrent use
// and bounds the memory that all callers together take.
type Encoder struct{ slots chan struct{} }

// NewEncoder returns an encoder.
func NewEncoder() *Encoder { return &Encoder{slots: make(chan struct{}, parallel)} }

// Encode returns the picture of a file, at most 512 pixels on a side, as PNG
// where it is transparent and JPEG otherwise. The file may be bytes or a data
// URL, as some SDKs send it. Errors have the codes [auth.CodeImageInvalid] and
// [auth.CodeImageTooLarge], or are the context's.
func (e *Encoder) Encode(ctx context.Context, file []byte) (contentType string, content []byte, err error) {
	if file, err = fromDataURL(file); err != nil {
		return "", nil, err
	}
	if len(file) > MaxUpload {
		return "", nil, auth.RefuseParam(auth.CodeImageTooLarge, "file")
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return "", nil, ctx.Err()
	}
	picture, err := decode(file)
	if err != nil {
		return "", nil, err
	}
	return encode(shrink(picture))
}

// fromDataURL returns the file inside "data:image/png;base64,…", and anything
// else as it is.
func fromDataURL(file []byte) ([]byte, error) {
	if !bytes.HasPrefix(file, []byte("data:")) {
		return file, nil
	}
	header, text, ok := strings.Cut(string(file), ",")
	if !ok || !strings.HasSuffix(header, ";base64") {
		return nil, auth.RefuseParam(auth.CodeImageInvalid, "file")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, auth.RefuseParam(auth.CodeImageInvalid, "file")
	}
	return raw, nil
}

// decode looks at the size that a file claims before it makes room for it.
func decode(file []byte) (image.Image, error) {
	bad := auth.RefuseParam(auth.CodeImageInvalid, "file")
	claimed, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil || claimed.Width <= 0 || claimed.Height <= 0 {
		return nil, bad
	}
	if claimed.Width > maxPixels/claimed.Height {
		return nil, auth.RefuseParam(auth.CodeImageTooLarge, "file")
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, bad
	}
	return picture, nil
}

// shrink keeps the proportions; a small picture keeps its size.
func shrink(picture image.Image) *image.NRGBA {
	size := picture.Bounds().Size()
	if longest := max(size.X, size.Y); longest > edge {
		size.X, size.Y = max(1, size.X*edge/longest), max(1, size.Y*edge/longest)
	}
	out := image.NewNRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(out, out.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	return out
}

func encode(picture *image.NRGBA) (string, []byte, error) {
	var out bytes.Buffer
	if picture.Opaque() {
		if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
			return "", nil, fmt.Errorf("encode picture: %w", err)
		}
		return "image/jpeg", out.Bytes(), nil
	}
	if err := png.Encode(&out, picture); err != nil {
		return "", nil, fmt.Errorf("encode picture: %w", err)
	}
	return "image/png", out.Bytes(), nil
}
