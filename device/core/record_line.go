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

func (w *recordWriter) begin(key string) {
	w.start, w.says = len(w.b), false
	w.b = append(w.b, key...)
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

func (w *recordWriter) textLine(key, text string) {
	if text == "" {
		return
	}
	w.begin(key)
	w.text(text)
	w.end()
}

func (w *recordWriter) secretLine(key string, s Secret) {
	if s.IsZero() {
		return
	}
	w.begin(key)
	w.secret(s)
	w.end()
}

func (w *recordWriter) numberLine(key string, n int64) {
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
	clear  string // the whole stored form
	masked string // the same, as in a Secret
	at     int    // where the next value begins
	end    int    // of the line
	// texts takes the values that are no secrets, so that they keep alive
	// neither the secrets beside them nor an allocation each.
	texts strings.Builder
	bound []Secret
	bad   bool
}

func (v *recordReader) open(data Secret) {
	v.clear, v.masked = data.Reveal(), data.masked
	v.texts.Grow(len(v.clear))
	v.readKeys()
}

// next moves to the line that begins at from and returns its key.
func (v *recordReader) next(from int) (key string) {
	v.end = len(v.clear)
	if i := strings.IndexByte(v.clear[from:], '\n'); i >= 0 {
		v.end = from + i
	}
	key, _, _ = strings.Cut(v.clear[from:v.end], " ")
	v.at = min(from+len(key)+1, v.end)
	return key
}

// quoted takes the next value. It is plain when it stands for itself: its bytes
// are then those between from and to.
func (v *recordReader) quoted() (from, to int, isPlain bool) {
	from = v.at + 1
	if v.clear[v.at] == '"' {
		for to = from; to < v.end && plain(v.clear[to]); to++ {
		}
		if to < v.end && v.clear[to] == '"' {
			v.skip(to + 1)
			return from, to, true
		}
	}
	return 0, 0, false
}

// skip moves behind the value that ends at to.
func (v *recordReader) skip(to int) {
	if to < v.end && v.clear[to] == ' ' {
		to++
	}
	v.at = to
}

// unquoted takes a value that is not plain.
func (v *recordReader) unquoted() string {
	quoted, err := strconv.QuotedPrefix(v.clear[v.at:v.end])
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
	begin := v.texts.Len()
	v.texts.WriteString(v.clear[from:to])
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
	digits, _, _ := strings.Cut(v.clear[v.at:v.end], " ")
	v.skip(v.at + len(digits))
	n, err := strconv.ParseInt(digits, 10, 64)
	v.bad = v.bad || err != nil
	return n
}
