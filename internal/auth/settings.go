package auth

// Settings are the switches of an instance that rules and published documents
// depend on.
type Settings struct {
	ApplicationName       string
	Production            bool // published as instance_environment_type
	SingleSession         bool // at most one session per client
	PasswordRequired      bool // sign-up needs a password
	EnumerationProtection bool // unknown and known identifiers look alike
	SignUpClosed          bool // nobody can sign up
	HomeURL               string
	SupportEmail          string
	// TestCodes accepts 424242 for addresses with +clerk_test and sends nothing
	// to them. Development only.
	TestCodes bool
}
