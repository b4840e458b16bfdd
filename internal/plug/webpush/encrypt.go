package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

const (
	saltBytes  = 16
	pointBytes = 65
	recordSize = 4096
	headBytes  = saltBytes + 4 + 1 + pointBytes
	tagBytes   = 16
	// maxText is what fits into a body of 4096 bytes, which every push service
	// takes (RFC 8030, section 7.2), with its header, tag and delimiter.
	maxText = 4096 - headBytes - tagBytes - 1
)

// encrypt makes the body of a push message: one record of aes128gcm (RFC 8188)
// under a key that the browser's key and secret agree on with own (RFC 8291,
// section 3.4). own and salt are for one message only.
func encrypt(text []byte, browser *ecdh.PublicKey, auth []byte, own *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(text) > maxText {
		return nil, errors.New("it is too long")
	}
	shared, err := own.ECDH(browser)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(browser.Bytes()) + string(own.PublicKey().Bytes())
	ikm, err := hkdf.Key(sha256.New, shared, auth, info, sha256.Size)
	if err != nil {
		return nil, err
	}
	prk, err := hkdf.Extract(sha256.New, ikm, salt)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	const last = 2 // delimiter of the only record
	out := make([]byte, 0, headBytes+len(text)+1+tagBytes)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(out, pointBytes)
	out = append(out, own.PublicKey().Bytes()...)
	return gcm.Seal(out, nonce, append(text[:len(text):len(text)], last), nil), nil
}
