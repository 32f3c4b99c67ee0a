package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/vault/disk"
)

// Environment variables of the device commands.
const (
	envKey    = "PERENNIAL_PUBLISHABLE_KEY"
	envServer = "PERENNIAL_SERVER"
	envCA     = "PERENNIAL_CA_FILE"
	envHome   = "PERENNIAL_HOME"
)

// profile says which server a device command speaks to. It is remembered at
// login, so that later commands need no flags; nothing in it is secret.
type profile struct {
	PublishableKey string `json:"publishable_key"`
	Server         string `json:"server,omitempty"`
	CAFile         string `json:"ca_file,omitempty"`
}

const maxProfile = 64 << 10

// addProfileFlags gives a command the flags by which a profile is overridden.
func addProfileFlags(command *cobra.Command, p *profile) {
	command.Flags().StringVar(&p.PublishableKey, "publishable-key", "", "publishable key of the instance (env "+envKey+")")
	command.Flags().StringVar(&p.Server, "server", "", "base URL of the server, if not the host in the key (env "+envServer+")")
	command.Flags().StringVar(&p.CAFile, "ca-file", "", "certificate authority to trust, as PEM (env "+envCA+")")
}

// deviceHome is the folder of this user's device state. It is a folder of its
// own, because its mode is tightened to 0700.
func deviceHome() (string, error) {
	home := os.Getenv(envHome)
	if home == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("no folder for device state: %w; set %s", err, envHome)
		}
		home = filepath.Join(config, "perennial")
	}
	return filepath.Abs(filepath.Join(home, "device"))
}

func profilePath(home string) string { return filepath.Join(home, "profile.json") }

// resolve completes flags by the environment and by what login remembered. A
// remembered server belongs to its key and is not used with another one.
func (p profile) resolve(home string) (profile, error) {
	p = p.or(profile{PublishableKey: os.Getenv(envKey), Server: os.Getenv(envServer), CAFile: os.Getenv(envCA)})
	remembered, err := loadProfile(home)
	if err != nil && p.PublishableKey == "" {
		return profile{}, err
	}
	if err == nil && (p.PublishableKey == "" || p.PublishableKey == remembered.PublishableKey) {
		p = p.or(remembered)
	}
	if p.PublishableKey == "" {
		return profile{}, fmt.Errorf("no publishable key: give --publishable-key or set %s once at login", envKey)
	}
	_, err = publishablekey.Parse(p.PublishableKey)
	return p, err
}

func (p profile) or(other profile) profile {
	if p.PublishableKey == "" {
		p.PublishableKey = other.PublishableKey
	}
	if p.Server == "" {
		p.Server = other.Server
	}
	if p.CAFile == "" {
		p.CAFile = other.CAFile
	}
	return p
}

// name is what a person knows the server by.
func (p profile) name() string {
	if u, err := url.Parse(p.Server); err == nil && u.Host != "" {
		return u.Host
	}
	key, err := publishablekey.Parse(p.PublishableKey)
	if err != nil {
		return "the instance"
	}
	return key.Host
}

// loadProfile returns the zero profile if none is remembered.
func loadProfile(home string) (profile, error) {
	data, err := disk.OS{}.Read(profilePath(home), maxProfile)
	if errors.Is(err, fs.ErrNotExist) {
		return profile{}, nil
	}
	var p profile
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return profile{}, fmt.Errorf("read %s: %w; sign in again with --publishable-key to write it anew", profilePath(home), err)
	}
	return p, nil
}

// remember stores the profile for later commands.
func (p profile) remember(home string) error {
	if remembered, err := loadProfile(home); err == nil && remembered == p {
		return nil
	}
	if p.CAFile != "" {
		absolute, err := filepath.Abs(p.CAFile)
		if err != nil {
			return err
		}
		p.CAFile = absolute
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := writeProfile(home, append(data, '\n')); err != nil {
		return fmt.Errorf("the state folder cannot be written: %w; set %s to one that can", err, envHome)
	}
	return nil
}

func writeProfile(home string, data []byte) error {
	d := disk.OS{}
	if err := d.MakeDir(home); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	release, err := d.Lock(ctx, profilePath(home)+".lock")
	if err != nil {
		return err
	}
	defer release()
	return disk.Replace(d, profilePath(home), data)
}

// roots returns the certificate authorities to trust; nil means the system's.
// With a file of its own the system's are left out: the profile names exactly
// who may speak for this server.
func (p profile) roots() (*x509.CertPool, error) {
	if p.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(p.CAFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authority: %s holds no PEM certificate", p.CAFile)
	}
	return pool, nil
}
