package device

import "github.com/perennialauth/perennial/device/core"

// describe says a verdict in words, with what it rests on.
func describe(kind core.Kind, cause core.Cause, evidence core.Evidence) string {
	words, known := causeWords[cause]
	if !known {
		words = string(cause)
	}
	return string(kind) + ": " + words + proof(evidence)
}

var causeWords = map[core.Cause]string{
	core.CauseConfirmed: "the server confirmed the session in this process",
	core.CauseRestored:  "the session was restored from the store and is not confirmed yet",
	core.CauseTask:      "the session has an open task",

	core.CauseNone:              "nobody is signed in, and the store proves it",
	core.CauseUser:              "the user signed out",
	core.CauseRevoked:           "the server no longer lists the session",
	core.CauseRejected:          "the server ended the session and no longer knows the client",
	core.CauseCredentialMissing: "the stored record names a user and holds no credential",
	core.CauseKeyLost:           "the key that sealed the stored record is permanently gone",
	core.CauseRecordLost:        "every copy of the stored record is damaged beyond reading",
	core.CauseReinstall:         "this is a new installation, and its policy is to begin signed out",

	core.CauseStarting:       "not started",
	core.CauseRestoring:      "the store is being read",
	core.CauseStorageSlow:    "the store has not answered within the local deadline; it is still being read",
	core.CauseStorageLocked:  "the store is locked and is being tried again",
	core.CauseStorageDenied:  "the store denies access to this process",
	core.CauseStorageFailed:  "the store failed and is being tried again",
	core.CauseStorageCorrupt: "the stored record is damaged and is being read again",
	core.CauseKeyService:     "the key of the store cannot be had now",
	core.CauseStorageForeign: "what is stored is not a record of this instance",
	core.CauseSchemaNewer:    "a newer version of this software wrote the record; it is left alone",
	core.CauseUnidentified:   "a credential was handed over and the server has not said yet whose it is",
	core.CauseOfflineLimit:   "the session was not confirmed for longer than the offline limit; one answer lifts it",
}

func troubleWords(t core.Trouble) string {
	if words, known := troubles[t]; known {
		return words
	}
	return string(t)
}

var troubles = map[core.Trouble]string{
	core.TroubleNoRoute:     "no route to the server",
	core.TroubleDNS:         "the server's name did not resolve",
	core.TroubleTLS:         "no trusted TLS connection",
	core.TroubleTimeout:     "no complete answer in time",
	core.TroubleReset:       "the connection broke",
	core.TroubleProxy:       "a proxy asks for authentication",
	core.TroubleRedirect:    "a redirect, which the server never sends",
	core.TroubleNotJSON:     "the answer was not JSON: a captive portal, proxy or maintenance page",
	core.TroubleEmpty:       "an empty answer",
	core.TroubleMalformed:   "an answer of another shape than published",
	core.TroubleTooLarge:    "an answer larger than any published one",
	core.TroubleServer:      "the server had an error of its own",
	core.TroubleRateLimited: "the server asked for fewer requests",
	core.TroubleForeign:     "the answer was about another client",
	core.TroubleStale:       "the answer was older than what is known",
	core.TroubleUnexplained: "a refusal that is not documented as final",
	core.TroubleProof:       "the server did not accept the proof of the device key",
	core.TroubleStripped:    "something on the way dropped the credential, so the server did not see whose request it was",
	core.TroubleUnknown:     "no usable answer",
}

func storeWords(a core.StoreAnswer) string {
	if a == "" {
		return "nothing"
	}
	return string(a)
}
