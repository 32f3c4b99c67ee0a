package core

import (
	"errors"
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

// maskedHeading is the heading that this version writes, as in a Secret.
var maskedHeading = masked(recordHeading + strconv.Itoa(recordSchema) + " " + strconv.Itoa(recordReadable))

// Errors of [DecodeRecord]. None of them is a reason to call anybody signed out
// or to overwrite anything.
var (
	ErrRecordNewer   = errors.New("record was written by a newer version")
	ErrRecordForeign = errors.New("record belongs to another tenant")
	ErrRecordUnknown = errors.New("record is not in a known form")
)

// EncodeRecord returns the stored form of r. It contains the credentials.
func EncodeRecord(r Record, tenant string) Secret { return r.encode(tenant) }

func (r *Record) encode(tenant string) Secret {
	var usual [1024]byte // few records are larger
	b := recordText(append(usual[:0], recordHeading...))
	b = strconv.AppendInt(b, recordSchema, 10)
	b = append(b, ' ')
	b = recordText(strconv.AppendInt(b, recordReadable, 10)).end()
	b = b.textLine(keyTenant, tenant).fields(r).keyLines(r.bound())
	b = append(b, r.Unknown...)
	invert(b)
	return Secret{string(b)}
}

// DecodeRecord reads what [EncodeRecord] wrote, now or in another version.
func DecodeRecord(data Secret, tenant string) (Record, error) {
	var r Record
	if err := r.decode(data, tenant); err != nil {
		return Record{}, err
	}
	return r, nil
}

// decode reads data into the zero Record r. After an error r is of no use.
func (r *Record) decode(data Secret, tenant string) error {
	if len(data.masked) > maxRecordText {
		return ErrRecordUnknown
	}
	var values recordReader
	values.open(data)
	values.next(0)
	if heading := values.masked[:values.end]; heading != maskedHeading {
		if err := checkHeading(masked(heading)); err != nil {
			return err
		}
	}
	var found string
	var unknown []byte
	for from := values.end + 1; from < len(values.masked); from = values.end + 1 {
		switch key := values.next(from); {
		case key == keyTenant:
			found = values.text()
		case !values.field(r, key):
			unknown = append(append(unknown, masked(values.masked[from:values.end])...), '\n')
		}
		if values.bad {
			return ErrRecordUnknown
		}
	}
	if found != tenant {
		return ErrRecordForeign
	}
	r.Unknown = string(unknown)
	if len(values.bound) > 0 {
		r.bind(values.bound)
	}
	return nil
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
