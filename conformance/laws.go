package conformance

// Law is one of the laws of the device, with the scenarios that hold a subject
// to it.
type Law struct {
	Number int
	Name   string
	Slugs  []string
}

// Laws returns the eleven laws. What no single scenario can show (every
// transition, every order) is held by the model checker and the simulation.
func Laws() []Law {
	return []Law{
		{1, "local first", []string{"never-settles", "resolves-without-verdict", "slow-response-past-window", "connectivity-monitor-silent"}},
		{2, "no sign-out without proof", []string{
			"locked-read-as-absent", "unreadable-then-deleted", "unreachable-taken-as-signed-out", "html-200-parsed-as-verdict",
			"5xx-as-signed-out", "429-as-signed-out", "feature-401-as-signed-out", "unknown-coerced-to-signed-out",
		}},
		{3, "never resurrect", []string{
			"sign-out-races-refresh", "reinstall-resurrects-session", "stale-user-after-switch", "cached-user-after-revocation",
			"terminal-rejection-missed",
		}},
		{4, "one record", []string{"identity-and-credential-diverge", "token-swap-wipes-cache-first", "torn-write", "tenant-key-unscoped"}},
		{5, "keep the old until the new is proven", []string{
			"rotated-token-not-persisted", "response-lost-after-rotation", "disk-full-erases-credential", "killed-mid-refresh",
		}},
		{6, "one writer, many processes", []string{"two-processes-refresh", "loser-deletes-winner", "lock-deadlock", "schema-skew"}},
		{7, "everything asynchronous is stamped", []string{"out-of-order-response", "foreground-refresh-races-oauth", "suspended-mid-refresh"}},
		{8, "subscribers miss nothing", []string{"event-before-listener", "reload-with-live-native-state"}},
		{9, "the wall clock ends nothing", []string{"clock-fast", "clock-slow"}},
		{10, "sign-out is durable", []string{"sign-out-half-done"}},
		{11, "explainable", []string{"terminal-rejection-missed", "decryption-key-gone", "sign-out-half-done"}},
	}
}
