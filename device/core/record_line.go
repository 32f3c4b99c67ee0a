package core

import (
	"strconv"
	"strings"
)

// recordWriter appends lines: a key, then quoted strings, then numbers. A line
// whose values are all zero is not written.
type recordWriter struct {
	b     []byte
	start int  // of the line being written
	says  bool // the line has a value that is not zero
	bound []Secret
}

func (w *recordWriter) begin(key recordKey) {
	w.start, w.says = len(w.b), false
	w.b = append(w.b, keyNames[key]...)
}

func (w *recordWriter) end() {
	if !w.says {
		w.b = w.b[:w.start]
		return
	}
	w.b = append(w.b, '\n')
}

func (w *recordWriter) text(text string) {
	w.says = w.says || text != ""
	for i := range len(text) {
		if !plain(text[i]) {
			w.b = strconv.AppendQuote(append(w.b, ' '), text)
			return
		}
	}
	w.b = append(append(append(w.b, ' ', '"'), text...), '"')
}

// secret writes a credential; the key of a bound one comes later, see keyLines.
func (w *recordWriter) secret(s Secret) {
	token, key := s.split()
	if !key.IsZero() {
		w.bound = append(w.bound, s)
	}
	w.value(token)
}

// value is text for a [Secret]: its bytes appear nowhere but in the line.
func (w *recordWriter) value(s Secret) {
	w.says = w.says || !s.IsZero()
	begin := len(w.b)
	w.b = append(w.b, ' ', '"')
	for i := range len(s.masked) {
		b := ^s.masked[i]
		if !plain(b) {
			w.b = strconv.AppendQuote(append(w.b[:begin], ' '), s.Reveal())
			return
		}
		w.b = append(w.b, b)
	}
	w.b = append(w.b, '"')
}

// number ends a line. A missing one is read as zero.
func (w *recordWriter) number(n int64) {
	if n != 0 {
		w.says = true
		w.b = strconv.AppendInt(append(w.b, ' '), n, 10)
	}
}

func (w *recordWriter) textLine(key recordKey, text string) {
	if text == "" {
		return
	}
	w.begin(key)
	w.text(text)
	w.end()
}

func (w *recordWriter) secretLine(key recordKey, s Secret) {
	if s.IsZero() {
		return
	}
	w.begin(key)
	w.secret(s)
	w.end()
}

func (w *recordWriter) numberLine(key recordKey, n int64) {
	if n == 0 {
		return
	}
	w.begin(key)
	w.number(n)
	w.end()
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
	v.readKeys()
}

// next moves to the line that begins at from and returns its key.
func (v *recordReader) next(from int) recordKey {
	v.end = len(v.masked)
	if i := strings.IndexByte(v.masked[from:], ^byte('\n')); i >= 0 {
		v.end = from + i
	}
	line := v.masked[from:v.end]
	to := 0
	for to < len(line) && line[to] != ^byte(' ') {
		to++
	}
	v.at = min(from+to+1, v.end)
	key := keyAfter(v.last, line[:to])
	if key < recordKeys {
		v.last = key
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

// secret reads a credential with the key it is bound to.
func (v *recordReader) secret() Secret {
	token := v.value()
	if len(v.bound) == 0 {
		return token
	}
	return v.boundTo(token)
}

func (v *recordReader) value() Secret {
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
