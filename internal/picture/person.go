package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
)

// PersonType is the content type of [Person].
const PersonType = "image/png"

const personSize = 160 // pixels, as large as components show it on fine screens

// Person is the picture of somebody who has none: a head and shoulders. It is
// drawn once.
var Person = sync.OnceValue(func() []byte {
	var (
		ground = color.NRGBA{R: 0xd4, G: 0xd6, B: 0xdc, A: 0xff}
		figure = color.NRGBA{R: 0x8a, G: 0x8f, B: 0x9c, A: 0xff}
		out    bytes.Buffer
	)
	canvas := image.NewNRGBA(image.Rect(0, 0, personSize, personSize))
	for y := range personSize {
		for x := range personSize {
			head := inside(float64(x), float64(y), 0.5, 0.39, 0.17)
			shoulders := inside(float64(x), float64(y), 0.5, 0.98, 0.34)
			canvas.SetNRGBA(x, y, blend(ground, figure, max(head, shoulders)))
		}
	}
	_ = png.Encode(&out, canvas) // a buffer takes everything
	return out.Bytes()
})

// inside says how much of a pixel, from 0 to 1, a circle covers. Its centre and
// radius are parts of the size.
func inside(x, y, centreX, centreY, radius float64) float64 {
	away := math.Hypot(x+0.5-centreX*personSize, y+0.5-centreY*personSize)
	return min(1, max(0, radius*personSize-away+0.5))
}

// blend mixes two opaque colours.
func blend(a, b color.NRGBA, part float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-part) + float64(b)*part)) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xff}
}
