package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"iqbot/internal/store"
)

type keysCommand struct {
	New    newKeysCommand    `cmd:"" help:"Make a keyset, for KEYSET_FILE or KEYSET."`
	Rotate rotateKeysCommand `cmd:"" help:"Seal with the next key of a keyset from now on, and add a fresh one."`
}

type newKeysCommand struct {
	Out string `help:"File to write, which must not exist yet; only you can read it. If empty, the keys are printed." placeholder:"FILE"`
}

// Help says what the keys are worth.
func (newKeysCommand) Help() string {
	return "Keep a copy in a safe place: without the keys nothing that is stored can be opened, and whoever has them can open all of it."
}

// Run makes a keyset and writes it.
func (cmd newKeysCommand) Run(w world) error {
	keyset, err := store.NewKeyset()
	if err != nil {
		return err
	}
	keyset = append(keyset, '\n')
	if cmd.Out == "" {
		_, err = w.out.Write(keyset)
		return err
	}
	f, err := os.OpenFile(cmd.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and stays as it is: what its keys have sealed, only they can open", cmd.Out)
	}
	if err != nil {
		return fmt.Errorf("make the file for the keys: %w", err)
	}
	if err := fill(f, keyset); err != nil {
		return errors.Join(fmt.Errorf("write the keys: %w", err), os.Remove(cmd.Out))
	}
	_, err = fmt.Fprintf(w.out, "%s has the keys. Set KEYSET_FILE=%s for every process, and keep a copy in a safe place.\n", cmd.Out, cmd.Out)
	return err
}

type rotateKeysCommand struct {
	File string `arg:"" help:"The keyset, as iqbot keys new made it." placeholder:"FILE"`
}

// Help says what to do before and after.
func (rotateKeysCommand) Help() string {
	return "The old keys stay in the file, to open what they have sealed. Restart all processes before you rotate again: " +
		"until then, one of them may not know a key with which another seals."
}

// Run puts a rotated keyset in the place of the old one, whole or not at all.
func (cmd rotateKeysCommand) Run(w world) error {
	file, err := filepath.EvalSymlinks(cmd.File)
	if err != nil {
		return fmt.Errorf("find the keys: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("find the keys: %w", err)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	keyset, err := store.Rotate(old)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	if err := replace(file, info, append(keyset, '\n')); err != nil {
		return fmt.Errorf("write the rotated keys; the old ones are untouched: %w", err)
	}
	_, err = fmt.Fprintf(w.out, "%s is rotated. Now restart all processes, one after the other; do not rotate again before that is done.\n", cmd.File)
	return err
}

// replace writes a new file beside the old one and puts it in its place, with
// the mode and the owner of the old.
func replace(file string, old fs.FileInfo, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".iqbot-keys-*")
	if err != nil {
		return err
	}
	if err = errors.Join(f.Chmod(old.Mode().Perm()), keepOwner(f, old)); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err = fill(f, content); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fill writes content to f, sees it on the disk, and closes f.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
