// Package picture owns turning an uploaded file into a picture that is safe to
// serve: it is decoded, made small and encoded again, so that nothing of the
// file is left but pixels.
//
// It offers [Encoder].
//
// It refuses formats that can hold more than pixels, such as SVG, and to know
// whose picture it is and where it is kept.
package picture
