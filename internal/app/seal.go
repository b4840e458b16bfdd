package app

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"allclear/internal/base/fault"
)

// recipients are who can open a file: age recipients, or whoever has the
// passphrase. Nobody: the file is not encrypted.
func recipients(o BackupOptions) ([]age.Recipient, error) {
	names, passphraseFile := o.Recipients, o.PassphraseFile
	if passphraseFile != "" {
		if len(names) > 0 {
			return nil, fault.New(fault.Invalid, "give a passphrase or recipients, not both")
		}
		word, err := passphrase(passphraseFile)
		if err != nil {
			return nil, err
		}
		r, err := age.NewScryptRecipient(word)
		if err != nil {
			return nil, err
		}
		if o.passEffort > 0 {
			r.SetWorkFactor(o.passEffort)
		}
		return []age.Recipient{r}, nil
	}
	if len(names) == 0 {
		return nil, nil
	}
	out, err := age.ParseRecipients(strings.NewReader(strings.Join(names, "\n")))
	if err != nil {
		return nil, fault.New(fault.Invalid, "recipient: %s", err)
	}
	return out, nil
}

// identities open what was sealed to recipients.
func identities(identityFile, passphraseFile string) ([]age.Identity, error) {
	switch {
	case identityFile != "":
		b, err := os.ReadFile(identityFile)
		if err != nil {
			return nil, fault.New(fault.Invalid, "identity: %s", err)
		}
		ids, err := age.ParseIdentities(bytes.NewReader(b))
		if err != nil {
			return nil, fault.New(fault.Invalid, "identity: %s is no file of age identities", identityFile) // the parser quotes what it reads
		}
		return ids, nil
	case passphraseFile != "":
		word, err := passphrase(passphraseFile)
		if err != nil {
			return nil, err
		}
		id, err := age.NewScryptIdentity(word)
		return []age.Identity{id}, err
	}
	return nil, nil
}

func passphrase(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fault.New(fault.Invalid, "passphrase: %s", err)
	}
	word := strings.TrimRight(string(b), "\r\n")
	const least = 12
	if len(word) < least {
		return "", fault.New(fault.Invalid, "passphrase: want at least %d characters", least)
	}
	return word, nil
}

type unsealed struct{ io.Writer }

func (unsealed) Close() error { return nil }

func sealTo(w io.Writer, to []age.Recipient) (io.WriteCloser, error) {
	if len(to) == 0 {
		return unsealed{w}, nil
	}
	return age.Encrypt(w, to...)
}

// openSealed opens what sealTo wrote.
func openSealed(r io.Reader, with []age.Identity) (io.Reader, error) {
	b := bufio.NewReader(r)
	const mark = "age-encryption.org/"
	if first, _ := b.Peek(len(mark)); string(first) != mark {
		return b, nil
	}
	if len(with) == 0 {
		return nil, fault.New(fault.Refused, "the backup is encrypted: give an identity or the passphrase")
	}
	plain, err := age.Decrypt(b, with...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, fault.New(fault.Refused, "the backup cannot be opened with this identity or passphrase")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "the backup is damaged: %s", err)
	}
	return plain, nil
}
