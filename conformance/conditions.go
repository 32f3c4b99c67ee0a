package conformance

import (
	"bytes"
	"fmt"
	"strings"
)

// stores looks at what the store holds.
func (r *run) stores(want Stored) error {
	version, body, present := r.peek()
	text := string(body)
	ok := false
	switch want {
	case Unchanged:
		ok = bytes.Equal(body, r.planted) && version == r.version
	case Tombstone:
		ok = present && strings.Contains(text, "\ntombstone ") && !strings.Contains(text, "\ncredential ")
	case HasSession:
		ok = present && strings.Contains(text, "\ncredential ")
	case QuarantineN:
		ok = len(r.env.Store.Aside()) > 0 || strings.Contains(strings.Join(r.storage.disk.Names(), " "), ".quarantine-")
	case Rotated:
		ok = strings.Contains(text, "\ncredential \""+r.credential+"-next\"\n") && !strings.Contains(text, "\nsuccessor ")
	case HasBoth:
		ok = strings.Contains(text, "\ncredential \""+r.credential+"\"\n") &&
			strings.Contains(text, "\nsuccessor \""+r.credential+"-next\"\n")
	case HasBranch:
		ok = strings.Contains(text, boundMark) && strings.Contains(text, "\nkey ")
	case Bound:
		ok = strings.Contains(text, "\ncredential \""+r.credential+boundMark) && !strings.Contains(text, "\nsuccessor ")
	case BoundNext:
		ok = strings.Contains(text, "\ncredential \""+r.credential+boundMark+"2-") && !strings.Contains(text, "\nsuccessor ")
	case KeepsLines:
		ok = strings.Contains(text, "colour \"blue\" 7\n")
	}
	if !ok {
		return fmt.Errorf("the store is not %s: generation %d, %d bytes", want, version.Generation, len(body))
	}
	return nil
}

func (r *run) requests(step Step) error {
	log := r.server.Log()
	count := 0
	for _, exchange := range log[r.logFrom:] {
		if strings.HasPrefix(exchange.Route, step.Route) {
			count++
		}
	}
	r.logFrom = len(log)
	if count > step.N {
		return fmt.Errorf("%d requests of %s, at most %d allowed", count, step.Route, step.N)
	}
	return nil
}

// fits looks at what a store of small values was asked to take.
func (r *run) fits(atLeast int) error {
	v := r.storage.values
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.refused > 0 || v.largest < atLeast {
		return fmt.Errorf("%d values were refused, and the longest had %d bytes", v.refused, v.largest)
	}
	return nil
}
