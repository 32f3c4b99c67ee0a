package core

import "testing"

// What second factors there are is told to whoever asks the person for one, and
// those that need it are sent.
func TestSecondFactorsAreToldAndSent(t *testing.T) {
	t.Parallel()
	state := New(Config{Tenant: "t"})
	state.launched = true
	state.record.Attempt = Attempt{
		ID: "sia_1", Status: "needs_first_factor", Strategy: StrategyEmailCode, Credential: NewSecret("T0"), ClientID: "C1",
	}
	state, effects := Step(state, 2, CodeEntered{Call: 7, Code: NewSecret("424242")})
	sent := mustSend(t, effects, AttemptFirstFactor)
	answer := Responded{ID: sent.ID, Class: Accepted, Status: 200, Attempt: &AttemptDoc{
		ID: "sia_1", Status: "needs_second_factor", SecondFactors: []FactorDoc{
			{Strategy: StrategyPhoneCode, ID: "idn_1"}, {Strategy: StrategyPhoneCode, ID: "idn_2"}, {Strategy: StrategyBackupCode},
		},
	}}
	state, effects = Step(state, 3, answer)
	want := Reply{Call: 7, Outcome: OutcomeNeedsSecond, SecondFactors: "phone_code backup_code"}
	if got := mustReply(t, effects); got.Call != want.Call || got.Outcome != want.Outcome || got.SecondFactors != want.SecondFactors {
		t.Errorf("reply %+v, want %+v", got, want)
	}

	state, effects = Step(state, 4, SecondFactorCodeAsked{Call: 8, Strategy: StrategyPhoneCode})
	sent = mustSend(t, effects, PrepareSecondFactor)
	if sent.Strategy != StrategyPhoneCode || sent.AttemptID != "sia_1" || sent.Credential != NewSecret("T0") {
		t.Errorf("sent %+v", sent)
	}
	answer.ID = sent.ID
	state, effects = Step(state, 5, answer)
	if got := mustReply(t, effects); got.Call != 8 || got.Outcome != OutcomeNeedsSecond {
		t.Errorf("reply %+v", got)
	}

	_, effects = Step(state, 6, SecondFactorCodeAsked{Call: 9})
	if got := mustReply(t, effects); got.Outcome != OutcomeInvalid {
		t.Errorf("without a strategy: %+v", got)
	}
	_, effects = Step(New(Config{Tenant: "t"}), 6, SecondFactorCodeAsked{Call: 9, Strategy: StrategyPhoneCode})
	if got := mustReply(t, effects); got.Outcome != OutcomeNoAttempt {
		t.Errorf("without an attempt: %+v", got)
	}
}

func mustSend(t *testing.T, effects []Effect, kind RequestKind) SendRequest {
	t.Helper()
	for _, effect := range effects {
		if sent, ok := effect.(SendRequest); ok && sent.Kind == kind {
			return sent
		}
	}
	t.Fatalf("no %s in %v", kind, effects)
	return SendRequest{}
}

func mustReply(t *testing.T, effects []Effect) Reply {
	t.Helper()
	for _, effect := range effects {
		if reply, ok := effect.(Reply); ok {
			return reply
		}
	}
	t.Fatalf("no reply in %v", effects)
	return Reply{}
}
