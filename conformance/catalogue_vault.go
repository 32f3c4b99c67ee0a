package conformance

import "time"

// vaultScenarios: the entries of group "Storage" that are decided in what the
// record is kept in, seen through the whole device.
func vaultScenarios() []Scenario {
	var list []Scenario
	list = append(list, tornWrites()...)
	list = append(list, sizeLimits()...)
	list = append(list, fallbacks()...)
	list = append(list, migrations()...)
	return append(list, tenants()...)
}

func cut(n int) Step           { return Step{Do: PowerCut, N: n} }
func back(way int) Step        { return Step{Do: PowerBack, N: way} }
func secretsAre(s string) Step { return Step{Do: Secrets, Text: s} }
func movesTo(s Storage) Step   { return Step{Do: MovesTo, Text: string(s)} }

// signsInSomehow signs the second user in, whatever becomes of it.
var signsInSomehow = Step{Do: SignIn, User: SecondEmail, Err: Any}

// tornWrites: the power fails after each writing call of a sign-in, and comes
// back with several fates of what had not been flushed. What is there then is
// the one session or the other.
func tornWrites() []Scenario {
	const calls, ways = 16, 4
	var list []Scenario
	for n := range calls {
		for way := range ways {
			list = append(list, Scenario{
				Slug: "torn-write", Case: named("after %d calls, way %d", n, way), Given: Session, Storage: Files, Steps: []Step{
					starts(unverified, ""), becomes(active, ""), cut(n), signsInSomehow, back(n*ways + way*7),
					starts(unverified, "restored"), becomes(active, ""), token(""),
					{Do: SignIn, User: Email}, {Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
				},
			})
		}
	}
	return append(list, Scenario{
		Slug: "disk-full-erases-credential", Case: "no room for a file", Given: Session, Storage: Files, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: DiskFills, Text: "full"},
			{Do: SignIn, User: SecondEmail, Err: "not-stored"}, {Do: Becomes, Kind: active, User: SecondUserID},
			{Do: Kill}, {Do: Starts, Kind: unverified, User: UserID}, {Do: DiskFills}, becomes(active, ""),
		},
	})
}

// sizeLimits: a record of any size goes into values of any size.
func sizeLimits() []Scenario {
	var list []Scenario
	for _, limit := range []int{1024, 1280, 2048, 2560} {
		// Records of about that size, so that one of them just fits and one just
		// does not, and of many times the limit.
		for _, longer := range []int{0, limit - 860, limit - 780, limit - 700, limit, 3 * limit} {
			atLeast := 0
			if longer >= limit {
				atLeast = limit - 128 // in several values, nearly full ones
			}
			list = append(list, Scenario{
				Slug: "value-size-limit", Case: named("values of %d bytes, a credential %d bytes longer", limit, longer),
				Given: Empty, Storage: SmallValues, Limit: limit, MayEnd: true, Steps: []Step{
					starts(signedOut, "none"), {Do: Swells, N: longer}, {Do: SignIn, User: Email}, {Do: Drains},
					{Do: Fits, N: atLeast}, {Do: Kill}, script(down), {Do: Starts, Kind: unverified, User: UserID},
					token("offline"), healed(), becomes(active, ""), {Do: SignOut}, {Do: Drains}, {Do: Restart}, starts(signedOut, "user"),
				},
			})
		}
	}
	return list
}

// fallbacks: a secret store that comes and goes. The latest sign-in wins, and a
// sign-out is one wherever the key of the record before was.
func fallbacks() []Scenario {
	const slug = "fallback-store-split-brain"
	var list []Scenario
	for _, away := range []string{secretsMissing, secretsLocked, secretsDenied} {
		// The first session is under a key of the secret store, the second,
		// newer one under the key in the file.
		split := []Step{
			secretsAre(away), starts(unknown, ""), {Do: SignIn, User: SecondEmail}, {Do: Becomes, Kind: active, User: SecondUserID},
			{Do: Drains}, {Do: Restart},
		}
		with := func(more ...Step) []Step { return append(split[:len(split):len(split)], more...) }
		for _, later := range []string{secretsWork, secretsMissing, secretsLocked, secretsDenied} {
			second := Step{Do: Starts, Kind: unverified, User: SecondUserID}
			list = append(list,
				Scenario{Slug: slug, Case: named("%s at a sign-in, then %s", away, later), Given: Session, Storage: Keyring, Steps: with(
					secretsAre(later), second, becomes(active, ""), Step{Do: Restart}, second,
				)},
				Scenario{Slug: slug, Case: named("%s at a sign-in, sign-out, then %s", away, later), Given: Session, Storage: Keyring, MayEnd: true, Steps: with(
					second, Step{Do: SignOut}, Step{Do: Drains}, Step{Do: Restart}, secretsAre(later), starts(signedOut, "user"),
					Step{Do: Restart}, secretsAre(secretsWork), starts(signedOut, "user"),
				)})
		}
		list = append(list, Scenario{Slug: slug, Case: named("%s at a start", away), Given: Session, Storage: Keyring, Steps: []Step{
			secretsAre(away), starts(unknown, ""), token("undetermined"), atMost(0, ""), {Do: Restart}, secretsAre(secretsWork),
			starts(unverified, "restored"), becomes(active, ""),
		}})
	}
	return list
}

// migrations: a release that keeps the record elsewhere, or in another form,
// finds what the one before left, also when it is killed on the way.
func migrations() []Scenario {
	const slug = "store-migration-loses-session"
	list := []Scenario{
		{Slug: slug, Case: "a record of the first version", Given: OlderReadable, Storage: Files, Steps: []Step{
			starts(unverified, "restored"), becomes(active, ""), token(""), {Do: Drains}, holds(HasSession), {Do: Restart},
			{Do: Starts, Kind: unverified, User: UserID}, {Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: slug, Case: "back from the secret store to files", Given: Session, Storage: Keyring, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Restart}, movesTo(Files), starts(unknown, "storage-denied"),
			{Do: Restart}, movesTo(Keyring), starts(unverified, "restored"), becomes(active, ""),
		}},
	}
	const calls = 22
	for n := range calls {
		list = append(list, Scenario{
			Slug: slug, Case: named("from files to the secret store, power cut after %d calls", n), Given: Session, Storage: Files,
			Steps: []Step{
				starts(unverified, ""), becomes(active, ""), {Do: Restart}, movesTo(Keyring), starts(unverified, "restored"),
				cut(n), signsInSomehow, back(n * 5), starts(unverified, "restored"), becomes(active, ""), token(""),
				{Do: Restart}, starts(unverified, "restored"),
			},
		})
	}
	return list
}

// tenants: two instances whose keys end alike share a device and nothing else.
func tenants() []Scenario {
	const slug = "tenant-key-unscoped"
	own, other := Step{Do: Tenant, Text: "own"}, Step{Do: Tenant, Text: "other"}
	return []Scenario{
		{Slug: slug, Case: "sign in and out of the other", Given: Session, Storage: Files, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Restart}, other, {Do: Starts, Kind: signedOut, Cause: "none", User: Nobody},
			{Do: SignIn, User: SecondEmail}, {Do: Becomes, Kind: active, User: SecondUserID}, {Do: Restart},
			{Do: Starts, Kind: unverified, User: SecondUserID}, {Do: SignOut}, {Do: Drains}, {Do: Restart}, own, holds(Unchanged),
			{Do: Starts, Kind: unverified, User: UserID}, becomes(active, ""), {Do: ServerSays, Status: "alive"},
		}},
		{Slug: slug, Case: "during a refresh", Given: Session, Storage: Files, MayEnd: true, Steps: []Step{
			script(Fault{Delay: 200 * time.Millisecond}), starts(unverified, ""), {Do: Kill}, other, starts(signedOut, "none"),
			stays(signedOut, 300*time.Millisecond), {Do: SignIn, User: SecondEmail}, {Do: Kill}, own,
			{Do: Starts, Kind: unverified, User: UserID}, healed(), becomes(active, ""), {Do: Kill}, other,
			{Do: Starts, Kind: unverified, User: SecondUserID},
		}},
	}
}
