package conformance

// Slugs returns the entries of the failure catalogue in whose cure a device has
// a part, group by group. Each has at least one scenario.
func Slugs() map[string][]string {
	return map[string][]string{
		"Storage": {
			"locked-read-as-absent", "unreadable-then-deleted", "first-run-flag-wipes-store", "reinstall-resurrects-session",
			"decryption-key-gone", "transient-crypto-error-made-permanent", "torn-write", "disk-full-erases-credential",
			"rotated-token-not-persisted", "value-size-limit", "fallback-store-split-brain", "store-bound-to-changed-principal",
			"store-migration-loses-session", "non-durable-store-in-use", "tenant-key-unscoped",
		},
		"Concurrency": {
			"double-init-spends-one-time-code", "reload-with-live-native-state", "two-processes-refresh",
			"in-process-refresh-stampede", "loser-deletes-winner", "token-swap-wipes-cache-first", "foreground-refresh-races-oauth",
			"out-of-order-response", "sign-out-races-refresh", "lock-deadlock",
		},
		"Network and server": {
			"unreachable-taken-as-signed-out", "html-200-parsed-as-verdict", "5xx-as-signed-out", "429-as-signed-out",
			"feature-401-as-signed-out", "terminal-rejection-missed", "response-lost-after-rotation", "slow-response-past-window",
			"clock-fast", "clock-slow", "signing-key-rotation",
		},
		"Life-cycle": {
			"killed-mid-refresh", "suspended-mid-refresh", "refresh-loop-dies", "connectivity-monitor-silent",
			"cold-deep-link-loses-flow", "schema-skew",
		},
		"API and UX": {
			"never-settles", "resolves-without-verdict", "unknown-coerced-to-signed-out", "event-before-listener",
			"pending-taken-as-signed-out", "identity-and-credential-diverge", "stale-user-after-switch",
			"cached-user-after-revocation", "sign-out-half-done",
		},
	}
}
