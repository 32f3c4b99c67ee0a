package core

import (
	"fmt"
	"testing"
	"time"
)

// Sign-ins of many processes end one another; none of the ends is forgotten,
// whatever is delivered in between and however often the record is stored.
func TestNoRevocationIsForgotten(t *testing.T) {
	t.Parallel()
	const many = 40
	made := func(i int) Revocation {
		return Revocation{
			Bind(NewSecret(fmt.Sprintf("T%d", i)), NewSecret(fmt.Sprintf("k%d", i))), fmt.Sprintf("C%d", i), fmt.Sprintf("S%d", i),
		}
	}
	r := Record{Lineage: "L"}
	for i := range many {
		r = r.withRevocation(made(i)).withRevocation(made(i))
	}
	decoded, err := DecodeRecord(EncodeRecord(r, "t"), "t")
	if err != nil || decoded != r {
		t.Fatalf("stored and read again: %v", err)
	}
	next := Record{Lineage: "L2"}.withRevocations(&decoded)
	for i := many - 1; i >= 0; i-- {
		left := 0
		for rev := range next.Queued() {
			if rev != made(left) {
				t.Errorf("place %d has %s", left, rev.SessionID)
			}
			left++
		}
		if left != i+1 {
			t.Fatalf("%d are left, want %d", left, i+1)
		}
		next = next.withoutRevocation(made(i))
	}
	if next != (Record{Lineage: "L2"}) {
		t.Errorf("something is left: %+v", next)
	}
}

// Two processes deliver different ones and queue new ones; what each of them did
// holds.
func TestQueuesOfTwoProcessesAreMerged(t *testing.T) {
	t.Parallel()
	rev := func(name string) Revocation { return Revocation{NewSecret(name), "C" + name, "S" + name} }
	was := Record{}
	for i := range 10 {
		was = was.withRevocation(rev(fmt.Sprint(i)))
	}
	ours := was.withoutRevocation(rev("0")).withoutRevocation(rev("9")).withRevocation(rev("ours"))
	stored := was.withoutRevocation(rev("1")).withRevocation(rev("theirs"))
	merged := stored
	merged.owe(&ours, &was)
	var got []string
	for queued := range merged.Queued() {
		got = append(got, queued.SessionID)
	}
	if want := "[S2 S3 S4 S5 S6 S7 S8 Stheirs Sours]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// A full queue is delivered to the last one.
func TestOverdueRevocationsAreDelivered(t *testing.T) {
	t.Parallel()
	const many = 12
	record := Record{Lineage: "L", Tombstone: CauseUser}
	for i := range many {
		record = record.withRevocation(Revocation{NewSecret(fmt.Sprintf("T%d", i)), fmt.Sprintf("C%d", i), fmt.Sprintf("S%d", i)})
	}
	version := Version{"L", 1}
	state, effects := Step(New(Config{Tenant: "t"}), 1, Launch{Wall: 1, Entropy: [2]uint64{1, 2}})
	ended, now := 0, Instant(1)
	for turn := 0; len(effects) > 0 && turn < 10*many; turn++ {
		var events []Event
		for _, effect := range effects {
			switch e := effect.(type) {
			case LoadRecord:
				events = append(events, StoreLoaded{ID: e.ID, Answer: StoreFound, Version: version, Data: EncodeRecord(record, "t")})
			case SaveRecord:
				version = e.Next
				events = append(events, StoreSaved{ID: e.ID, Answer: StoreStored})
			case SendRequest:
				ended++
				events = append(events, Responded{
					ID: e.ID, Class: Accepted, Status: 200, Session: &SessionDoc{ID: e.SessionID, Status: "removed"},
				})
			}
		}
		effects = nil
		for _, event := range events {
			var more []Effect
			now = now.Add(time.Millisecond)
			state, more = Step(state, now, event)
			effects = append(effects, more...)
		}
	}
	if ended != many || !state.record.Revocations[0].IsZero() || !state.record.Overdue.IsZero() {
		t.Errorf("%d of %d were ended", ended, many)
	}
}
