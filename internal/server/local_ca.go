package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/secret"
)

// LocalCA is a certificate authority for development, kept in the data
// folder: devices and test runners trust its certificate once. Its key is
// readable by the owner only, since whoever has it can impersonate any site to
// a machine that trusts it.
type LocalCA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
	now  func() time.Time
}

const (
	caLifetime   = 10 * 365 * 24 * time.Hour
	leafLifetime = 90 * 24 * time.Hour
	leafRenewal  = 30 * 24 * time.Hour // before the end
	clockSkew    = time.Hour           // certificates start in the past for clients that are behind
)

// LoadLocalCA reads the authority kept in folder, or makes it.
func LoadLocalCA(folder string, now func() time.Time) (*LocalCA, error) {
	ca := &LocalCA{file: filepath.Join(folder, "ca.pem"), now: now}
	keyFile := filepath.Join(folder, "ca.key")
	pair, err := tls.LoadX509KeyPair(ca.file, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return ca, ca.create(keyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("local certificate authority %s: %w", ca.file, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || pair.Leaf == nil || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("local certificate authority %s: not one that this program made", ca.file)
	}
	if now().After(pair.Leaf.NotAfter.Add(-leafLifetime)) {
		return ca, ca.create(keyFile)
	}
	ca.cert, ca.key = pair.Leaf, key
	return ca, nil
}

// File is the path of the certificate to trust.
func (ca *LocalCA) File() string { return ca.file }

func (ca *LocalCA) create(keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Perennial development CA", OrganizationalUnit: []string{host}},
		NotBefore: ca.now().Add(-clockSkew), NotAfter: ca.now().Add(caLifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if ca.cert, err = sign(template, template, &key.PublicKey, key); err != nil {
		return err
	}
	ca.key = key
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key goes first: a certificate without its key would be trusted by
	// devices and useless to us.
	if err := secret.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	return secret.WriteFile(ca.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}))
}

func sign(template, parent *x509.Certificate, pub *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// TLS returns a configuration that presents a certificate for the hosts (names
// and IP addresses), renewed before it ends without a restart.
func (ca *LocalCA) TLS(hosts ...string) *tls.Config {
	leaf := &leaf{ca: ca, hosts: hosts}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return leaf.get() },
	}
}

// leaf is the certificate presented now.
type leaf struct {
	ca    *LocalCA
	hosts []string

	mu      sync.Mutex
	current *tls.Certificate
}

func (l *leaf) get() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.ca.now()
	if l.current != nil && now.Before(l.current.Leaf.NotAfter.Add(-leafRenewal)) {
		return l.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Perennial development server"},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(leafLifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range l.hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	cert, err := sign(template, l.ca.cert, &key.PublicKey, l.ca.key)
	if err != nil {
		return nil, err
	}
	l.current = &tls.Certificate{Certificate: [][]byte{cert.Raw, l.ca.cert.Raw}, PrivateKey: key, Leaf: cert}
	return l.current, nil
}
