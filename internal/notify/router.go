package notify

import (
	"context"
	"fmt"
)

// Router delivers each message by its channel. A nil sender rejects what would
// travel through it: trying again would not help.
type Router struct {
	Mail  Sender
	Texts Sender
}

// Send implements [Sender].
func (r Router) Send(ctx context.Context, m Mail) error {
	sender := r.Mail
	if m.Channel == SMS {
		sender = r.Texts
	}
	if sender == nil {
		return fmt.Errorf("no sender for %s is configured: %w", m.Channel, ErrRejected)
	}
	return sender.Send(ctx, m)
}
