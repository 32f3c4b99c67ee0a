package transport

import (
	"encoding/json"

	"github.com/perennialauth/perennial/device/core"
)

type factorShape struct {
	Strategy       string `json:"strategy"`
	SafeIdentifier string `json:"safe_identifier"`
	EmailAddressID string `json:"email_address_id"`
	PhoneNumberID  string `json:"phone_number_id"`
}

func factors(shapes []factorShape) []core.FactorDoc {
	var docs []core.FactorDoc
	for _, shape := range shapes {
		doc := core.FactorDoc{Strategy: core.Strategy(clean(shape.Strategy)), SafeIdentifier: clean(shape.SafeIdentifier)}
		for _, id := range []string{shape.EmailAddressID, shape.PhoneNumberID} {
			if doc.ID == "" && validID(id) {
				doc.ID = id
			}
		}
		docs = append(docs, doc)
	}
	return docs
}

func decodeSignIn(raw []byte) (*core.AttemptDoc, error) {
	var shape struct {
		Object         string        `json:"object"`
		ID             string        `json:"id"`
		Status         string        `json:"status"`
		CreatedSession *string       `json:"created_session_id"`
		First          []factorShape `json:"supported_first_factors"`
		Second         []factorShape `json:"supported_second_factors"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, err
	}
	if shape.Object != "sign_in_attempt" {
		return nil, errShape
	}
	attempt := &core.AttemptDoc{
		ID: shape.ID, Status: shape.Status, CreatedSessionID: value(shape.CreatedSession),
		FirstFactors: factors(shape.First), SecondFactors: factors(shape.Second),
	}
	return attempt, checkDoc(attempt)
}

func decodeSignUp(raw []byte) (*core.AttemptDoc, error) {
	var shape struct {
		Object         string   `json:"object"`
		ID             string   `json:"id"`
		Status         string   `json:"status"`
		CreatedSession *string  `json:"created_session_id"`
		Missing        []string `json:"missing_fields"`
		Unverified     []string `json:"unverified_fields"`
		Email          *string  `json:"email_address"`
		Phone          *string  `json:"phone_number"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, err
	}
	if shape.Object != "sign_up_attempt" {
		return nil, errShape
	}
	attempt := &core.AttemptDoc{ID: shape.ID, Status: shape.Status, CreatedSessionID: value(shape.CreatedSession)}
	for _, field := range shape.Missing {
		attempt.MissingFields = append(attempt.MissingFields, clean(field))
	}
	for _, field := range shape.Unverified {
		switch field {
		case "email_address":
			attempt.FirstFactors = append(attempt.FirstFactors, core.FactorDoc{Strategy: core.StrategyEmailCode, SafeIdentifier: clean(value(shape.Email))})
		case "phone_number":
			attempt.FirstFactors = append(attempt.FirstFactors, core.FactorDoc{Strategy: core.StrategyPhoneCode, SafeIdentifier: clean(value(shape.Phone))})
		}
	}
	return attempt, checkDoc(attempt)
}

// checkDoc holds both kinds of attempt to their common shape: a complete one
// names its session. What an incomplete one says of a session is not passed on.
func checkDoc(attempt *core.AttemptDoc) error {
	if !validID(attempt.ID) || !validID(attempt.Status) {
		return errShape
	}
	if attempt.Status != "complete" {
		attempt.CreatedSessionID = ""
		return nil
	}
	if !validID(attempt.CreatedSessionID) {
		return errShape
	}
	return nil
}
