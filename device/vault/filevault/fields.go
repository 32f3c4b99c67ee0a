package filevault

import (
	"encoding/binary"
	"errors"

	"github.com/perennialauth/perennial/device/vault"
)

// The sealed plain text is a list of fields: tag (2 bytes), length (4), value.
// An unknown tag with the high bit set is optional and survives a save by an
// older program; an unknown tag without it means that an older program cannot
// understand the record at all.
const (
	tagTenant     = 1
	tagLineage    = 2
	tagGeneration = 3
	tagBody       = 4
	tagOptional   = 0x8000
)

// content is what a slot holds once unsealed.
type content struct {
	tenant  digest
	version vault.Version
	body    []byte
	// extra holds the optional fields this version does not know, as read.
	extra []byte
}

var errFields = errors.New("fields of the record do not parse")

func (c content) encode() []byte {
	out := make([]byte, 0, len(c.body)+len(c.extra)+len(c.version.Lineage)+96)
	out = appendField(out, tagTenant, c.tenant[:])
	out = appendField(out, tagLineage, []byte(c.version.Lineage))
	out = appendField(out, tagGeneration, binary.BigEndian.AppendUint64(nil, c.version.Generation))
	out = appendField(out, tagBody, c.body)
	return append(out, c.extra...)
}

func appendField(out []byte, tag uint16, value []byte) []byte {
	out = binary.BigEndian.AppendUint16(out, tag)
	out = binary.BigEndian.AppendUint32(out, uint32(len(value)))
	return append(out, value...)
}

// decodeContent parses plain; the result owns its bytes.
func decodeContent(plain []byte) (content, error) {
	var c content
	seen := map[uint16]bool{}
	for len(plain) > 0 {
		if len(plain) < 6 {
			return content{}, errFields
		}
		tag, length := binary.BigEndian.Uint16(plain), uint64(binary.BigEndian.Uint32(plain[2:]))
		if length > uint64(len(plain)-6) {
			return content{}, errFields
		}
		field, value := plain[:6+length], plain[6:6+length]
		plain = plain[6+length:]
		if tag&tagOptional == 0 && seen[tag] {
			return content{}, errFields
		}
		seen[tag] = true
		if err := c.take(tag, value, field); err != nil {
			return content{}, err
		}
	}
	if !seen[tagTenant] || !seen[tagBody] || c.version.Lineage == "" || c.version.Generation == 0 {
		return content{}, errFields
	}
	return c, nil
}

func (c *content) take(tag uint16, value, field []byte) error {
	switch {
	case tag == tagTenant && len(value) == len(c.tenant):
		copy(c.tenant[:], value)
	case tag == tagLineage:
		c.version.Lineage = string(value)
	case tag == tagGeneration && len(value) == 8:
		c.version.Generation = binary.BigEndian.Uint64(value)
	case tag == tagBody:
		c.body = append([]byte{}, value...)
	case tag&tagOptional != 0:
		c.extra = append(c.extra, field...)
	case tag == tagTenant, tag == tagGeneration:
		return errFields
	default:
		return errNewer
	}
	return nil
}
