package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/knadh/koanf/parsers/toml/v2"

	"github.com/perennialauth/perennial/internal/auth"
)

// instanceSection is the table of a configuration file that says what users of
// the instance have and may do, by the names of [auth.Settings].
const instanceSection = "settings"

// configured are the settings with those of a configuration over them. A name
// that means nothing is an error.
func configured(set auth.Settings, section map[string]any) (auth.Settings, error) {
	if len(section) == 0 {
		return set, nil
	}
	text, err := json.Marshal(section)
	if err != nil {
		return set, fmt.Errorf("settings: %w", err)
	}
	out, err := set.Configured(text)
	if err != nil {
		return set, fmt.Errorf("settings: %w", err)
	}
	return out, nil
}

// readSettings reads a file that has nothing but settings: TOML, or JSON when
// its name says so.
func readSettings(set auth.Settings, file string) (auth.Settings, error) {
	if file == "" {
		return set, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return set, fmt.Errorf("settings %s: %w", file, reason(err))
	}
	values := map[string]any{}
	if filepath.Ext(file) == ".json" {
		err = json.Unmarshal(raw, &values)
	} else {
		values, err = toml.Parser().Unmarshal(raw)
	}
	if err != nil {
		return set, fmt.Errorf("settings %s: %w", file, err)
	}
	return configured(set, values)
}
