package auth

// PasswordSettings are what an instance asks of new passwords beyond their
// length, by the published names.
type PasswordSettings struct {
	// MinStrength is the least score of a new password, from 0, which asks for
	// nothing, to 4. It is estimated as the published components do.
	MinStrength int `json:"min_zxcvbn_strength"`
	// ShowStrength has forms estimate a password while it is written.
	ShowStrength bool `json:"show_zxcvbn"`
}

const maxPasswordStrength = 4

func (p PasswordSettings) valid() bool {
	return p.MinStrength >= 0 && p.MinStrength <= maxPasswordStrength
}
