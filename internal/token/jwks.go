package token

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
)

// jwk is one published key (RFC 7517). clerk-sdk-go rejects a key without alg.
type jwk struct {
	Use string `json:"use"`
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Alg string `json:"alg"`
	N   string `json:"n"`
	E   string `json:"e"`
}

func encodeJWKS(keys []*key) ([]byte, error) {
	doc := struct {
		Keys []jwk `json:"keys"`
	}{Keys: make([]jwk, 0, len(keys))}
	for _, k := range keys {
		e, n := publicNumbers(&k.private.PublicKey)
		doc.Keys = append(doc.Keys, jwk{Use: "sig", Kty: "RSA", Kid: k.id, Alg: "RS256", N: n, E: e})
	}
	return json.Marshal(doc)
}

func encodePublicPEM(k *key) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.private.PublicKey)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
