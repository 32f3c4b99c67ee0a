package sqlstore

import "time"

// ms is how an instant is stored: milliseconds since 1970, 0 for none. Integers
// compare alike on every database and have no time zone to get wrong.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant reads what [ms] wrote.
func (r *row) instant() time.Time { return fromMS(r.int()) }

func fromMS(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// stored is the instant as it comes back.
func stored(t time.Time) time.Time { return fromMS(ms(t)) }
