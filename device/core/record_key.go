package core

// recordKey names a line of a stored record. The numbers live in the process
// only; what is stored is the name. They stand in the order in which the lines
// are written.
type recordKey int

const (
	keyTenant recordKey = iota
	keyLineage
	keyInstall
	keyTombstone
	keyTombstoneEvidence
	keyTombstoneSession
	keyCredential
	keySuccessor
	keyCandidate
	keyOffer
	keyOrigin
	keyRotated
	keyClient
	keyClientUpdated
	keySession
	keySessionStatus
	keySessionTask
	keySessionExpires
	keyUser
	keyConfirmed
	keyConfirmedServer
	keyUnconfirmed
	keyAttempt
	keyFlow
	keyRevocation
	keyKey
	recordKeys // their number; also what an unknown key is
)

// keyNames are never reused with another meaning.
var keyNames = [recordKeys]string{
	keyTenant:            "tenant",
	keyLineage:           "lineage",
	keyInstall:           "install",
	keyTombstone:         "tombstone",
	keyTombstoneEvidence: "tombstone-evidence",
	keyTombstoneSession:  "tombstone-session",
	keyCredential:        "credential",
	keySuccessor:         "successor",
	keyCandidate:         "candidate",
	keyOffer:             "offer",
	keyOrigin:            "origin",
	keyRotated:           "rotated",
	keyClient:            "client",
	keyClientUpdated:     "client-updated",
	keySession:           "session",
	keySessionStatus:     "session-status",
	keySessionTask:       "session-task",
	keySessionExpires:    "session-expires",
	keyUser:              "user",
	keyConfirmed:         "confirmed",
	keyConfirmedServer:   "confirmed-server",
	keyUnconfirmed:       "unconfirmed",
	keyAttempt:           "attempt",
	keyFlow:              "flow",
	keyRevocation:        "revocation",
	keyKey:               "key",
}

// maskedKeys are the names as a [Secret] holds them: a record is read without
// a second copy of it in the clear.
var maskedKeys = func() (keys [recordKeys]string) {
	for i, name := range keyNames {
		keys[i] = masked(name)
	}
	return keys
}()

// keyAfter finds the key with which a masked line begins. Lines come in the
// order of the keys, so it is looked for behind the one of the line before.
func keyAfter(last recordKey, line string) recordKey {
	for key := last; key < recordKeys; key++ {
		if key.begins(line) {
			return key
		}
	}
	for key := range last {
		if key.begins(line) {
			return key
		}
	}
	return recordKeys
}

func (k recordKey) begins(line string) bool {
	name := maskedKeys[k]
	switch {
	case len(line) > len(name):
		return line[len(name)] == ^byte(' ') && line[:len(name)] == name
	default:
		return line == name // no values
	}
}
