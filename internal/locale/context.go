package locale

import "context"

type contextKey struct{}

// With is a context of something that is done for a person who reads this
// language.
func With(ctx context.Context, l Language) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From is the language of the person for whom something is done, if it is known.
func From(ctx context.Context) (Language, bool) {
	l, ok := ctx.Value(contextKey{}).(Language)
	return l, ok
}
