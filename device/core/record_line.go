package core

import (
	"strconv"
	"strings"
)

// recordText is a record being written: lines of a key, then quoted strings, then
// numbers. Each method returns the text with more at its end. A line whose
// values are all zero is not written.
type recordText []byte

func (b recordText) begin(key recordKey) recordText { return append(b, keyNames[key]...) }

func (b recordText) end() recordText { return append(b, '\n') }

func (b recordText) text(text string) recordText {
	for i := range len(text) {
		if !plain(text[i]) {
			return strconv.AppendQuote(append(b, ' '), text)
		}
	}
	return append(append(append(b, ' ', '"'), text...), '"')
}

// secret writes a credential; the key of a bound one comes later, see keyLines.
func (b recordText) secret(s Secret) recordText { return b.value(s.Token()) }

// value is text for a [Secret]: its bytes appear nowhere but in the line.
func (b recordText) value(s Secret) recordText {
	begin := len(b)
	b = append(append(b, ' ', '"'), s.masked...)
	for i, masked := range b[begin+2:] {
		if !maskedPlain[masked] {
			return strconv.AppendQuote(append(b[:begin], ' '), s.Reveal())
		}
		b[begin+2+i] = ^masked
	}
	return append(b, '"')
}

// number ends a line. A missing one is read as zero.
func (b recordText) number(n int64) recordText {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, ' '), n, 10)
}

func (b recordText) textLine(key recordKey, text string) recordText {
	if text == "" {
		return b
	}
	return b.begin(key).text(text).end()
}

func (b recordText) secretLine(key recordKey, s Secret) recordText {
	if s.IsZero() {
		return b
	}
	return b.begin(key).secret(s).end()
}

func (b recordText) numberLine(key recordKey, n int64) recordText {
	if n == 0 {
		return b
	}
	return b.begin(key).number(n).end()
}

// plain reports whether b stands for itself between quotes.
func plain(b byte) bool { return b-' ' <= '~'-' ' && b != '"' && b != '\\' }

// recordReader takes values off the front of a line. Values beyond those asked
// for are a newer version's business; a missing one is zero.
type recordReader struct {
	masked string // the whole stored form, as in a Secret
	at     int    // where the next value begins
	end    int    // of the line
	// texts takes the values that are no secrets, so that they keep alive
	// neither the secrets beside them nor an allocation each.
	texts strings.Builder
	bound []Secret
	last  recordKey // of the line before
	bad   bool
}

func (v *recordReader) open(data Secret) {
	v.masked = data.masked
	v.texts.Grow(len(v.masked))
}

// next moves to the line that begins at from and returns its key.
func (v *recordReader) next(from int) recordKey {
	v.end = len(v.masked)
	if i := strings.IndexByte(v.masked[from:], ^byte('\n')); i >= 0 {
		v.end = from + i
	}
	key := keyAfter(v.last, v.masked[from:v.end])
	if key < recordKeys {
		v.last, v.at = key, min(from+len(keyNames[key])+1, v.end)
	}
	return key
}

// quoted takes the next value. It is plain when it stands for itself: its bytes
// are then those between from and to.
func (v *recordReader) quoted() (from, to int, isPlain bool) {
	line, from := v.masked[:v.end], v.at+1
	if line[v.at] == ^byte('"') {
		for to = from; to < len(line) && maskedPlain[line[to]]; to++ {
		}
		if to < len(line) && line[to] == ^byte('"') {
			v.skip(to + 1)
			return from, to, true
		}
	}
	return 0, 0, false
}

// maskedPlain tells which bytes of a masked text are plain.
var maskedPlain = func() (table [256]bool) {
	for b := range len(table) {
		table[^byte(b)] = plain(byte(b))
	}
	return table
}()

// skip moves behind the value that ends at to.
func (v *recordReader) skip(to int) {
	if to < v.end && v.masked[to] == ^byte(' ') {
		to++
	}
	v.at = to
}

// unquoted takes a value that is not plain.
func (v *recordReader) unquoted() string {
	quoted, err := strconv.QuotedPrefix(masked(v.masked[v.at:v.end]))
	if err != nil {
		v.bad = true
		return ""
	}
	v.skip(v.at + len(quoted))
	text, err := strconv.Unquote(quoted)
	v.bad = v.bad || err != nil
	return text
}

func (v *recordReader) text() string {
	if v.at >= v.end {
		return ""
	}
	from, to, isPlain := v.quoted()
	if !isPlain {
		return v.unquoted()
	}
	if from == to {
		return ""
	}
	begin := v.texts.Len()
	var part [64]byte
	for from < to {
		n := copy(part[:], v.masked[from:to])
		invert(part[:n])
		v.texts.Write(part[:n])
		from += n
	}
	return v.texts.String()[begin:]
}

// secret reads a credential; the key of a bound one is on a line of its own, see
// [Record.bind].
func (v *recordReader) secret() Secret {
	if v.at >= v.end {
		return Secret{}
	}
	from, to, isPlain := v.quoted()
	if !isPlain {
		return NewSecret(v.unquoted())
	}
	return Secret{v.masked[from:to]}
}

func (v *recordReader) number() int64 {
	if v.at >= v.end {
		return 0
	}
	var digits [20]byte // no number is longer
	from := v.at
	for ; v.at < v.end && v.masked[v.at] != ^byte(' '); v.at++ {
		if i := v.at - from; i < len(digits) {
			digits[i] = ^v.masked[v.at]
		}
	}
	n, err := strconv.ParseInt(string(digits[:min(v.at-from, len(digits))]), 10, 64)
	v.bad = v.bad || err != nil || v.at-from > len(digits)
	v.skip(v.at)
	return n
}
