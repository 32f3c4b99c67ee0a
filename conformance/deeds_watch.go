package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Kinds of watchers, besides the plain one that every process has from the
// beginning.
const (
	plainWatcher  = "plain"
	slowWatcher   = "slow"
	panicsWatcher = "panics" // at the second verdict that it sees
)

// watcher is one more subscriber of a process.
type watcher struct {
	kind string

	mu          sync.Mutex
	first, last Observation
	seen        int
	gap         error
}

// watch subscribes, and holds the watcher to seeing the current verdict first.
func (r *run) watch(kind string) error {
	w := &watcher{kind: kind}
	before := r.client.State()
	ctx, cancel := context.WithCancel(context.Background())
	r.watchers, r.cancels = append(r.watchers, w), append(r.cancels, cancel)
	subscribed := make(chan struct{})
	client := r.client
	go func() {
		defer func() { _ = recover() }() // its own panic, and nobody else's
		client.Watch(ctx, func(o Observation) { w.see(o, subscribed) })
	}()
	select {
	case <-subscribed:
	case <-time.After(patience):
		return fmt.Errorf("a %s watcher saw nothing", kind)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first.Sequence < before.Sequence {
		return fmt.Errorf("a %s watcher saw verdict %d first, and it was %d before", kind, w.first.Sequence, before.Sequence)
	}
	return nil
}

func (w *watcher) see(o Observation, subscribed chan struct{}) {
	w.mu.Lock()
	if w.seen++; w.seen == 1 {
		w.first = o
		close(subscribed)
	} else if o.Sequence != w.last.Sequence+1 && w.gap == nil {
		w.gap = fmt.Errorf("a %s watcher saw verdict %d after verdict %d", w.kind, o.Sequence, w.last.Sequence)
	}
	w.last = o
	seen := w.seen
	w.mu.Unlock()
	switch {
	case w.kind == slowWatcher:
		time.Sleep(20 * time.Millisecond) // as somebody who draws a screen
	case w.kind == panicsWatcher && seen == 2:
		panic("a watcher of the suite")
	}
}

// agree waits until every watcher that lives has seen the verdict of now.
func (r *run) agree() error {
	deadline := time.Now().Add(patience)
	for _, w := range r.watchers {
		for w.kind != panicsWatcher {
			w.mu.Lock()
			last, gap := w.last, w.gap
			w.mu.Unlock()
			if gap != nil {
				return gap
			}
			if last.Sequence == r.client.State().Sequence {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("a %s watcher saw verdict %d last, and it is %d", w.kind, last.Sequence, r.client.State().Sequence)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// explains looks for words in what the subject tells about itself.
func (r *run) explains(words string) error {
	if story := r.client.Explain(); !strings.Contains(story, words) {
		return fmt.Errorf("the explanation does not say %q:\n%s", words, story)
	}
	return nil
}
