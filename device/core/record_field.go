package core

// fieldCodec writes one line of a record and reads it back.
type fieldCodec struct {
	key   string
	write func(*recordWriter, *Record)
	read  func(*recordReader, *Record)
}

// recordFields is the whole stored form but for the tenant and the repeated
// revocations. Keys are never reused with another meaning.
var recordFields = []fieldCodec{
	textField("lineage", func(r *Record) *string { return &r.Lineage }),
	textField("install", func(r *Record) *string { return &r.Install }),
	textField("tombstone", func(r *Record) *Cause { return &r.Tombstone }),
	{
		"tombstone-evidence",
		func(w *recordWriter, r *Record) {
			e := r.TombstoneEvidence
			w.line("tombstone-evidence", int64(e.Status),
				string(e.Request), e.Trace, e.Code, string(e.Trouble), string(e.Store), e.Detail)
		},
		func(v *recordReader, r *Record) {
			r.TombstoneEvidence = Evidence{
				Request: RequestKind(v.text()), Trace: v.text(), Code: v.text(),
				Trouble: Trouble(v.text()), Store: StoreAnswer(v.text()), Detail: v.text(),
				Status: int(v.number()),
			}
		},
	},
	secretField("credential", func(r *Record) *Secret { return &r.Credential }),
	secretField("successor", func(r *Record) *Secret { return &r.Successor }),
	secretField("candidate", func(r *Record) *Secret { return &r.Candidate }),
	textField("client", func(r *Record) *string { return &r.ClientID }),
	numberField("client-updated", func(r *Record) *Wall { return &r.ClientUpdatedAt }),
	textField("session", func(r *Record) *string { return &r.SessionID }),
	textField("session-status", func(r *Record) *string { return &r.SessionStatus }),
	textField("session-task", func(r *Record) *string { return &r.SessionTask }),
	numberField("session-expires", func(r *Record) *Wall { return &r.SessionExpireAt }),
	{
		"user",
		func(w *recordWriter, r *Record) {
			u := r.User
			w.line("user", 0, u.ID, u.Identifier, u.FirstName, u.LastName, u.ImageURL)
		},
		func(v *recordReader, r *Record) { r.User = User{v.text(), v.text(), v.text(), v.text(), v.text()} },
	},
	numberField("confirmed", func(r *Record) *Wall { return &r.ConfirmedAt }),
	numberField("confirmed-server", func(r *Record) *Wall { return &r.ConfirmedServer }),
	numberField("unconfirmed", func(r *Record) *int64 { return &r.Unconfirmed }),
	{
		"attempt",
		func(w *recordWriter, r *Record) {
			a := r.Attempt
			kind := ""
			switch {
			case a.IsZero():
			case a.SignUp:
				kind = "sign-up"
			default:
				kind = "sign-in"
			}
			w.line("attempt", int64(a.StartedAt), kind, a.ID, a.Status, string(a.Strategy),
				a.FactorID, a.SafeIdentifier, a.Credential.Reveal(), a.ClientID)
		},
		func(v *recordReader, r *Record) {
			r.Attempt = Attempt{
				SignUp: v.text() == "sign-up", ID: v.text(), Status: v.text(), Strategy: Strategy(v.text()),
				FactorID: v.text(), SafeIdentifier: v.text(), Credential: NewSecret(v.text()), ClientID: v.text(),
				StartedAt: Wall(v.number()),
			}
		},
	},
}

func recordField(key string) (fieldCodec, bool) {
	for _, f := range recordFields {
		if f.key == key {
			return f, true
		}
	}
	return fieldCodec{}, false
}

func textField[T ~string](key string, at func(*Record) *T) fieldCodec {
	return fieldCodec{
		key,
		func(w *recordWriter, r *Record) { w.line(key, 0, string(*at(r))) },
		func(v *recordReader, r *Record) { *at(r) = T(v.text()) },
	}
}

func secretField(key string, at func(*Record) *Secret) fieldCodec {
	return fieldCodec{
		key,
		func(w *recordWriter, r *Record) { w.line(key, 0, at(r).Reveal()) },
		func(v *recordReader, r *Record) { *at(r) = NewSecret(v.text()) },
	}
}

func numberField[T ~int64](key string, at func(*Record) *T) fieldCodec {
	return fieldCodec{
		key,
		func(w *recordWriter, r *Record) { w.line(key, int64(*at(r))) },
		func(v *recordReader, r *Record) { *at(r) = T(v.number()) },
	}
}
