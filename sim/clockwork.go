package sim

import "github.com/perennialauth/perennial/device/core"

// due is something that will happen to a process or to an exchange. It is dropped when
// the process it was for is gone.
type due struct {
	at       core.Instant
	order    uint64 // of two things at one instant the one that was planned first
	process  *process
	life     uint32
	event    core.Event // delivered, when not nil
	store    *storeCall // performed
	answer   *storeCall // answered
	exchange *exchange  // moves on
	timer    core.Timer
	timerDue core.Instant // the timer's, when not 0
}

// agenda is a heap of what is due, the earliest first.
type agenda struct{ list []due }

func (a *agenda) less(i, j int) bool {
	x, y := &a.list[i], &a.list[j]
	return x.at < y.at || x.at == y.at && x.order < y.order
}

func (a *agenda) add(d due) {
	a.list = append(a.list, d)
	for i := len(a.list) - 1; i > 0; {
		parent := (i - 1) / 2
		if !a.less(i, parent) {
			break
		}
		a.list[i], a.list[parent] = a.list[parent], a.list[i]
		i = parent
	}
}

func (a *agenda) next() (core.Instant, bool) {
	if len(a.list) == 0 {
		return 0, false
	}
	return a.list[0].at, true
}

func (a *agenda) take() due {
	first, last := a.list[0], len(a.list)-1
	a.list[0] = a.list[last]
	a.list[last] = due{}
	a.list = a.list[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && a.less(child+1, child) {
			child++
		}
		if !a.less(child, i) {
			break
		}
		a.list[i], a.list[child] = a.list[child], a.list[i]
		i = child
	}
	return first
}
