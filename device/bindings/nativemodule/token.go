package nativemodule

// maxToken bounds a client token, in bytes. Published ones are a few hundred.
const maxToken = 8 << 10

// plausible reports whether text can be a client token at all: something that
// fits into a header as one word. Anything else never came from a server.
func plausible(text string) bool {
	if text == "" || len(text) > maxToken {
		return false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
