package notify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/secret"
)

// outbox is a [notify.Outbox] in memory; the real one is held to the same
// contract by the store's suite.
type outbox struct {
	mu       sync.Mutex
	messages []auth.Message // oldest first
	due      map[auth.MessageID]time.Time
	fail     error
}

func (o *outbox) add(m auth.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.due == nil {
		o.due = map[auth.MessageID]time.Time{}
	}
	o.messages = append(o.messages, m)
	o.due[m.ID] = m.CreatedAt
}

func (o *outbox) ClaimMessages(_ context.Context, now, until time.Time, limit int) ([]auth.Message, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []auth.Message
	for _, m := range o.messages {
		if len(out) < limit && !o.due[m.ID].After(now) {
			out = append(out, m)
			o.due[m.ID] = until
		}
	}
	return out, o.fail
}

func (o *outbox) DeleteMessages(_ context.Context, ids []auth.MessageID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = slices.DeleteFunc(o.messages, func(m auth.Message) bool { return slices.Contains(ids, m.ID) })
	return nil
}

func (o *outbox) RecentMessages(_ context.Context, limit int) ([]auth.Message, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := slices.Clone(o.messages)
	slices.Reverse(out)
	return out[:min(limit, len(out))], o.fail
}

func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.messages)
}

// sender keeps what it was given and fails as told.
type sender struct {
	mu   sync.Mutex
	sent []notify.Mail
	fail error
}

func (s *sender) Send(_ context.Context, m notify.Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.sent = append(s.sent, m)
	return nil
}

func (s *sender) setFail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *sender) to() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{}
	for _, m := range s.sent {
		out = append(out, m.To)
	}
	return out
}

func mustMaster(t testing.TB) *secret.MasterKey {
	t.Helper()
	k, err := secret.NewMasterKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustCompose(t testing.TB, master *secret.MasterKey, n auth.Notice, now time.Time) auth.Message {
	t.Helper()
	m, err := notify.NewComposer(master, rand.Reader).Compose(t.Context(), n, now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func code(to string) auth.Notice {
	return auth.Notice{Kind: auth.NoticeVerifyCode, To: to, Code: "123456"}
}

// inBubble runs a worker over an outbox until the test is over.
func inBubble(t *testing.T, test func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		master, o, s := mustMaster(t), &outbox{}, &sender{}
		w := notify.NewWorker(o, master, s, mustTemplates(t, &values{}), time.Now)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { w.Run(ctx) })
		test(t, master, o, s, w)
		cancel()
		wg.Wait()
	})
}

func TestWorkerDelivers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker) {
		synctest.Wait()
		want := []string{}
		for i := range 40 { // more than one claim
			to := fmt.Sprintf("u%02d@x.test", i)
			o.add(mustCompose(t, master, code(to), time.Now()))
			want = append(want, to)
		}
		w.Wake()
		w.Wake()
		synctest.Wait()
		got := s.to()
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("sent mismatch (-want +got):\n%s", d)
		}
		if o.size() != 0 {
			t.Errorf("%d messages left: codes stay in the database after delivery", o.size())
		}
	})
}

// slowFor holds every mail to one address for longer than a send may take.
type slowFor struct {
	sender
	address string
}

func (s *slowFor) Send(ctx context.Context, m notify.Mail) error {
	if m.To == s.address {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.sender.Send(ctx, m)
}

func TestOneSlowMailDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		master, o := mustMaster(t), &outbox{}
		s := &slowFor{address: "slow@x.test"}
		for _, to := range []string{"slow@x.test", "a@x.test", "b@x.test"} {
			o.add(mustCompose(t, master, code(to), time.Now()))
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		w := notify.NewWorker(o, master, s, mustTemplates(t, &values{}), time.Now)
		wg.Go(func() { w.Run(ctx) })
		synctest.Wait()
		if len(s.to()) != 2 {
			t.Errorf("sent at once: %v", s.to())
		}
		o.add(mustCompose(t, master, code("later@x.test"), time.Now()))
		w.Wake()
		synctest.Wait()
		if len(s.to()) != 3 {
			t.Errorf("a later mail waits behind the slow one: %v", s.to())
		}
		cancel()
		wg.Wait()
	})
}

func TestWorkerFindsWorkByItself(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, _ *notify.Worker) {
		synctest.Wait()
		o.add(mustCompose(t, master, code("a@x.test"), time.Now()))
		time.Sleep(time.Minute) // virtual
		synctest.Wait()
		if len(s.to()) != 1 {
			t.Error("a message of another process was never found")
		}
	})
}

func TestFailedDeliveryIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker) {
		s.setFail(errors.New("server busy"))
		o.add(mustCompose(t, master, code("a@x.test"), time.Now()))
		w.Wake()
		synctest.Wait()
		if o.size() != 1 {
			t.Fatal("a message that was not delivered is gone")
		}
		s.setFail(nil)
		time.Sleep(3 * time.Minute) // virtual; well within the life of a code
		synctest.Wait()
		if len(s.to()) != 1 || o.size() != 0 {
			t.Errorf("sent %v, %d left", s.to(), o.size())
		}
	})
}

func TestHopelessMessagesAreDropped(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker) {
		old := mustCompose(t, master, code("old@x.test"), time.Now().Add(-25*time.Hour))
		rejected := mustCompose(t, master, code("gone@x.test"), time.Now())
		s.setFail(notify.ErrRejected)
		o.add(rejected)
		w.Wake()
		synctest.Wait()
		s.setFail(errors.New("still busy"))
		o.add(old)
		w.Wake()
		synctest.Wait()
		s.setFail(nil)
		o.add(mustCompose(t, master, auth.Notice{}, time.Now()))                                   // to nobody
		o.add(mustCompose(t, mustMaster(t), code("foreign@x.test"), time.Now()))                   // another key
		swapped := mustCompose(t, master, code("swapped@x.test"), time.Now())                      // a row copied
		o.add(auth.Message{ID: "msg_other", Sealed: swapped.Sealed, CreatedAt: swapped.CreatedAt}) // over another
		w.Wake()
		synctest.Wait()
		if o.size() != 0 || len(s.to()) != 0 {
			t.Errorf("sent %v, %d left", s.to(), o.size())
		}
	})
}

func TestBrokenOutboxIsSurvived(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker) {
		o.mu.Lock()
		o.fail = auth.ErrUnavailable
		o.mu.Unlock()
		w.Wake()
		synctest.Wait()
		o.mu.Lock()
		o.fail = nil
		o.mu.Unlock()
		o.add(mustCompose(t, master, code("a@x.test"), time.Now()))
		w.Wake()
		synctest.Wait()
		if len(s.to()) != 1 {
			t.Error("the worker gave up")
		}
	})
}

func TestSealedAtRest(t *testing.T) {
	t.Parallel()
	m := mustCompose(t, mustMaster(t), code("a@x.test"), time.Now())
	for _, leak := range []string{"123456", "a@x.test"} {
		if bytes.Contains(m.Sealed, []byte(leak)) {
			t.Errorf("%s is readable in the database", leak)
		}
	}
}

// Not parallel: it replaces the process-wide logger.
func TestLogTellsNoAddressAndNoCode(t *testing.T) { //nolint:paralleltest // see above
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	inBubble(t, func(t *testing.T, master *secret.MasterKey, o *outbox, s *sender, w *notify.Worker) {
		s.setFail(errors.New("server busy"))
		o.add(mustCompose(t, master, code("a@x.test"), time.Now()))
		w.Wake()
		synctest.Wait()
	})
	if log.Len() == 0 || strings.Contains(log.String(), "a@x.test") || strings.Contains(log.String(), "123456") {
		t.Errorf("log: %s", log.String())
	}
}

// listed are the messages of an inbox to an address.
func listed(t *testing.T, inbox *notify.Inbox, to string) []notify.Entry {
	t.Helper()
	entries, err := inbox.List(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestInbox(t *testing.T) {
	t.Parallel()
	master, o, now := mustMaster(t), &outbox{}, time.UnixMilli(1_700_000_000_000)
	for i, n := range []auth.Notice{
		code("a+b@x.test"), {Kind: auth.NoticeResetCode, To: "c@x.test", Code: "654321"}, {},
		{Kind: auth.NoticeAccountExists, To: "a+b@x.test"}, {Kind: auth.NoticePasswordChanged, To: "c@x.test"},
		{Kind: auth.NoticeNoAccount, To: "n@x.test"},
	} {
		o.add(mustCompose(t, master, n, now.Add(time.Duration(i)*time.Second)))
	}
	inbox := notify.NewInbox(o, master, mustTemplates(t, &values{}))
	if got := listed(t, inbox, ""); len(got) != 5 || got[0].To != "n@x.test" || got[4].Code != "123456" {
		t.Errorf("all: %+v", got)
	}
	for _, to := range []string{"a+b@x.test", "A+B@X.test"} {
		if got := listed(t, inbox, to); len(got) != 2 || got[1].Code != "123456" || got[0].Code != "" {
			t.Errorf("%s: %+v", to, got)
		}
	}
	one := listed(t, inbox, "c@x.test")[1]
	want := notify.Entry{
		ID: one.ID, To: "c@x.test", Channel: notify.Email, Subject: "654321 is your Acme password reset code",
		Body: one.Body, HTML: one.HTML, Code: "654321", CreatedAt: now.Add(time.Second).UnixMilli(),
	}
	if d := cmp.Diff(want, one); d != "" {
		t.Errorf("entry mismatch (-want +got):\n%s", d)
	}
	if !strings.Contains(one.Body, "654321") || strings.Contains(one.Body, "{") {
		t.Errorf("body %q", one.Body)
	}
	if got := listed(t, inbox, "nobody@x.test"); got == nil || len(got) != 0 {
		t.Errorf("nobody's list is %v, want an empty one", got)
	}
	if found, ok, err := inbox.Find(t.Context(), one.ID); err != nil || !ok || found.Code != "654321" {
		t.Errorf("one: %v %v %+v", err, ok, found)
	}
	if _, ok, err := inbox.Find(t.Context(), "msg_none"); err != nil || ok {
		t.Errorf("unknown id: %v %v", err, ok)
	}
}

func TestClearInbox(t *testing.T) {
	t.Parallel()
	master, o, now := mustMaster(t), &outbox{}, time.UnixMilli(1_700_000_000_000)
	for _, to := range []string{"a@x.test", "b@x.test", "a@x.test"} {
		o.add(mustCompose(t, master, code(to), now))
	}
	inbox := notify.NewInbox(o, master, mustTemplates(t, &values{}))
	for _, step := range []struct {
		to   string
		left int
	}{{"nobody@x.test", 3}, {"A@x.test", 1}, {"", 0}, {"", 0}} {
		if err := inbox.Clear(t.Context(), step.to); err != nil {
			t.Fatal(err)
		}
		if got := listed(t, inbox, ""); len(got) != step.left {
			t.Errorf("cleared %q: %d left, want %d", step.to, len(got), step.left)
		}
	}
}

func TestEveryKindIsWorded(t *testing.T) {
	t.Parallel()
	master := mustMaster(t)
	for _, kind := range []auth.NoticeKind{
		auth.NoticeVerifyCode, auth.NoticeResetCode, auth.NoticeAccountExists, auth.NoticeNoAccount, auth.NoticePasswordChanged,
	} {
		o := &outbox{}
		o.add(mustCompose(t, master, auth.Notice{Kind: kind, To: "a@x.test", Code: "123456"}, time.Now()))
		got := listed(t, notify.NewInbox(o, master, mustTemplates(t, &values{})), "")
		if len(got) != 1 || !strings.Contains(got[0].Subject+got[0].Body, "Acme") || strings.ContainsAny(got[0].Subject+got[0].Body, "{}") {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}
