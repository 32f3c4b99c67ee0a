package core

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// The stored form of a record is text: a heading, then one line for each field
// that is set, a key followed by quoted strings and numbers. A reader keeps the
// lines whose key it does not know and writes them back, so that an older and a
// newer version of this software can share one record.
//
//	perennial record 1 1
//	tenant "5f2b…"
//	lineage "9c41…"
//	credential "…"
//
// The first number of the heading is the schema that wrote the record, the
// second the oldest schema that may read it.
const (
	recordHeading  = "perennial record "
	recordSchema   = 1
	recordReadable = 1
	maxRecordText  = 1 << 20
)

// Errors of [DecodeRecord]. None of them is a reason to call anybody signed out
// or to overwrite anything.
var (
	ErrRecordNewer   = errors.New("record was written by a newer version")
	ErrRecordForeign = errors.New("record belongs to another tenant")
	ErrRecordUnknown = errors.New("record is not in a known form")
)

// EncodeRecord returns the stored form of r. It contains the credentials.
func EncodeRecord(r Record, tenant string) Secret {
	w := recordWriter{b: make([]byte, 0, 1024)}
	w.b = append(w.b, recordHeading...)
	w.b = strconv.AppendInt(w.b, recordSchema, 10)
	w.b = append(w.b, ' ')
	w.b = strconv.AppendInt(w.b, recordReadable, 10)
	w.b = append(w.b, '\n')
	w.line("tenant", 0, tenant)
	for _, f := range recordFields {
		f.write(&w, &r)
	}
	for _, rev := range r.Revocations {
		w.line("revocation", 0, rev.Credential.Reveal(), rev.ClientID, rev.SessionID)
	}
	w.b = append(w.b, r.Unknown...)
	return NewSecret(string(w.b))
}

// DecodeRecord reads what [EncodeRecord] wrote, now or in another version.
func DecodeRecord(data Secret, tenant string) (Record, error) {
	text := data.Reveal()
	if len(text) > maxRecordText {
		return Record{}, ErrRecordUnknown
	}
	heading, body, _ := strings.Cut(text, "\n")
	if err := checkHeading(heading); err != nil {
		return Record{}, err
	}
	var r Record
	var found string
	var unknown strings.Builder
	for line := range strings.Lines(body) {
		key, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		values := recordReader{rest: rest}
		switch field, known := recordField(key); {
		case key == "tenant":
			found = values.text()
		case key == "revocation":
			r = r.withRevocation(Revocation{NewSecret(values.text()), values.text(), values.text()})
		case known:
			field.read(&values, &r)
		default:
			unknown.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
		if values.bad {
			return Record{}, ErrRecordUnknown
		}
	}
	if found != tenant {
		return Record{}, ErrRecordForeign
	}
	r.Unknown = unknown.String()
	return r, nil
}

func checkHeading(heading string) error {
	rest, ours := strings.CutPrefix(heading, recordHeading)
	if !ours {
		return ErrRecordUnknown
	}
	_, oldest, _ := strings.Cut(rest, " ")
	oldest, _, _ = strings.Cut(oldest, " ")
	n, err := strconv.Atoi(oldest)
	if err != nil || n < 1 {
		return ErrRecordUnknown
	}
	if n > recordSchema {
		return ErrRecordNewer
	}
	return nil
}

// recordWriter appends lines. A line whose values are all zero is not written.
type recordWriter struct{ b []byte }

func (w *recordWriter) line(key string, number int64, texts ...string) {
	if number == 0 && !slices.ContainsFunc(texts, func(text string) bool { return text != "" }) {
		return
	}
	w.b = append(w.b, key...)
	for _, text := range texts {
		w.b = append(w.b, ' ')
		w.b = strconv.AppendQuote(w.b, text)
	}
	if len(texts) == 0 || number != 0 {
		w.b = append(w.b, ' ')
		w.b = strconv.AppendInt(w.b, number, 10)
	}
	w.b = append(w.b, '\n')
}

// recordReader takes values off the front of a line. Values beyond those asked
// for are a newer version's business; a missing one is zero.
type recordReader struct {
	rest string
	bad  bool
}

func (r *recordReader) text() string {
	if r.rest == "" {
		return ""
	}
	quoted, err := strconv.QuotedPrefix(r.rest)
	if err != nil {
		r.bad = true
		return ""
	}
	r.rest = strings.TrimPrefix(r.rest[len(quoted):], " ")
	text, err := strconv.Unquote(quoted)
	r.bad = r.bad || err != nil
	return text
}

func (r *recordReader) number() int64 {
	if r.rest == "" {
		return 0
	}
	digits, rest, _ := strings.Cut(r.rest, " ")
	r.rest = rest
	n, err := strconv.ParseInt(digits, 10, 64)
	r.bad = r.bad || err != nil
	return n
}
