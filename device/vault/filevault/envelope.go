package filevault

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"

	"github.com/perennialauth/perennial/device/vault"
)

// A slot file is a prelude, a header and sealed bytes, all integers big-endian:
//
//	 0  4  magic "PRNV"
//	 4  4  format
//	 8  8  sequence number of the save
//	16  4  checksum of the 16 bytes before
//	20  8  identifier of the sealing key
//	28 32  digest of the tenant
//	60 12  nonce
//	72  4  length of the sealed bytes
//	76  4  checksum of everything but the prelude and itself
//	80     sealed bytes
//
// The prelude is the same in every future format, so that an old program can
// tell a newer file from a damaged one and compare their ages. The checksum
// tells damage from a missing key; the seal is what proves integrity.
const (
	format        = 1
	preludeLength = 20
	headerLength  = 80
	nonceLength   = 12
	magic         = "PRNV"
	// sealOverhead bounds header, field headers and seal around a body.
	sealOverhead = 64 << 10
	maxFile      = vault.MaxBody + sealOverhead
)

// digest is the SHA-256 of a tenant's publishable key.
type digest [sha256.Size]byte

func digestOf(tenant string) digest { return sha256.Sum256([]byte(tenant)) }

// name is the part of the digest that goes into file names.
func (d digest) name() string { return hex.EncodeToString(d[:16]) }

// envelope is a slot file taken apart; only prelude and checksum are verified.
type envelope struct {
	format   uint32
	sequence uint64
	key      KeyID
	tenant   digest
	nonce    [nonceLength]byte
	sealed   []byte
	header   []byte
}

var (
	errDamaged = errors.New("checksum does not match")
	errForeign = errors.New("not a record file")
	errNewer   = errors.New("written by a newer version")
)

// parseEnvelope never reads outside data, whatever it holds. With errNewer the
// format and sequence of the result are valid.
func parseEnvelope(data []byte) (envelope, error) {
	if len(data) < len(magic) || string(data[:len(magic)]) != magic {
		return envelope{}, errForeign
	}
	if len(data) < preludeLength {
		return envelope{}, errDamaged
	}
	e := envelope{format: binary.BigEndian.Uint32(data[4:]), sequence: binary.BigEndian.Uint64(data[8:])}
	if crc32.ChecksumIEEE(data[:16]) != binary.BigEndian.Uint32(data[16:]) {
		return envelope{}, errDamaged
	}
	if e.format > format {
		return e, errNewer
	}
	if len(data) < headerLength || uint64(len(data)-headerLength) != uint64(binary.BigEndian.Uint32(data[72:])) {
		return envelope{}, errDamaged
	}
	if bodyChecksum(data) != binary.BigEndian.Uint32(data[76:]) {
		return envelope{}, errDamaged
	}
	copy(e.key[:], data[20:28])
	copy(e.tenant[:], data[28:60])
	copy(e.nonce[:], data[60:72])
	e.header, e.sealed = data[:76], data[headerLength:]
	return e, nil
}

func bodyChecksum(data []byte) uint32 {
	sum := crc32.ChecksumIEEE(data[preludeLength:76])
	return crc32.Update(sum, crc32.IEEETable, data[headerLength:])
}

// buildEnvelope seals plain for the tenant and item.
func buildEnvelope(key Key, tenant digest, item string, sequence uint64, plain []byte) ([]byte, error) {
	aead, err := key.aead()
	if err != nil {
		return nil, err
	}
	out := make([]byte, headerLength, headerLength+len(plain)+aead.Overhead())
	copy(out, magic)
	binary.BigEndian.PutUint32(out[4:], format)
	binary.BigEndian.PutUint64(out[8:], sequence)
	binary.BigEndian.PutUint32(out[16:], crc32.ChecksumIEEE(out[:16]))
	id := key.ID()
	copy(out[20:], id[:])
	copy(out[28:], tenant[:])
	if _, err := rand.Read(out[60:72]); err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(out[72:], uint32(len(plain)+aead.Overhead()))
	out = aead.Seal(out, out[60:72], plain, associated(out[:76], item))
	binary.BigEndian.PutUint32(out[76:], bodyChecksum(out))
	return out, nil
}

// open unseals the body. It fails if any byte of the header, the item name or
// the key differs from those at sealing time.
func (e envelope) open(key Key, item string) ([]byte, error) {
	aead, err := key.aead()
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, e.nonce[:], e.sealed, associated(e.header, item))
}

// associated binds a sealed body to its header and to its item name, so that
// one item's file renamed to another's name does not open.
func associated(header []byte, item string) []byte {
	return append(append(make([]byte, 0, len(header)+len(item)), header...), item...)
}
