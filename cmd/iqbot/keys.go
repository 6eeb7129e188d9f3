package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"iqbot/internal/store"
)

type keysCommand struct {
	New    newKeysCommand    `cmd:"" help:"Make a keyset, for KEYSET_FILE or KEYSET."`
	List   listKeysCommand   `cmd:"" help:"List the keys of a keyset by their numbers, and what each is for."`
	Rotate rotateKeysCommand `cmd:"" help:"Seal with the next key of a keyset from now on, and add a fresh one."`
	Reseal resealCommand     `cmd:"" help:"Seal all that is stored with the key that seals now."`
	Retire retireKeyCommand  `cmd:"" help:"Remove an old key from a keyset."`
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

// keysetFile is a file that holds a keyset.
type keysetFile struct {
	File string `arg:"" help:"The keyset, as iqbot keys new made it." placeholder:"FILE"`
}

// read returns the keyset, and says on w.err if others may read the file.
func (k keysetFile) read(w world) ([]byte, error) {
	keyset, err := os.ReadFile(k.File)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if mode, cure := exposed(k.File); cure != "" {
		_, _ = fmt.Fprintf(w.err, "%s can be read by others than its owner (%s): %s\n", k.File, mode, cure)
	}
	return keyset, nil
}

// change puts what f makes of the keyset in its place, whole or not at all.
func (k keysetFile) change(w world, f func(keyset []byte) ([]byte, error)) error {
	file, err := filepath.EvalSymlinks(k.File)
	if err != nil {
		return fmt.Errorf("find the keys: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("find the keys: %w", err)
	}
	old, err := k.read(w)
	if err != nil {
		return err
	}
	keyset, err := f(old)
	if err != nil {
		return fmt.Errorf("%s: %w", k.File, err)
	}
	if err := replace(file, info, append(keyset, '\n')); err != nil {
		return fmt.Errorf("write the changed keys; the old ones are untouched: %w", err)
	}
	return nil
}

// exposed returns the mode of a file of secrets and what to do, if others than its
// owner may read it; else cure is empty. Container platforms often mount secrets
// so, and only they can change it: that is why it is no fault.
func exposed(file string) (mode fs.FileMode, cure string) {
	info, err := os.Stat(file)
	if err != nil || !othersMayRead(info) {
		return 0, ""
	}
	return info.Mode().Perm(), "chmod 600 " + file
}

type listKeysCommand struct{ keysetFile }

// Help says what is not shown.
func (listKeysCommand) Help() string {
	return "The oldest key stands first. Of the keys themselves nothing is shown."
}

// Run prints the list.
func (cmd listKeysCommand) Run(w world) error {
	keyset, err := cmd.read(w)
	if err != nil {
		return err
	}
	keys, err := store.Keys(keyset)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	t := &table{w: tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)}
	t.row("key", "what it does")
	for _, k := range keys {
		t.row(k.ID, map[store.KeyRole]string{
			store.KeySeals: "seals what is stored from now on",
			store.KeyNext:  "seals after the next rotation",
			store.KeyOpens: "only opens what it has sealed; can be retired after iqbot keys reseal",
		}[k.Role])
	}
	return cmp.Or(t.err, t.w.Flush())
}

type rotateKeysCommand struct{ keysetFile }

// Help says what to do before and after.
func (rotateKeysCommand) Help() string {
	return "The old keys stay in the file, to open what they have sealed. Restart all processes before you rotate again: " +
		"until then, one of them may not know a key with which another seals. A keyset of a release that had no keys list " +
		"can no longer be read by that release once it is rotated."
}

// Run puts a rotated keyset in the place of the old one.
func (cmd rotateKeysCommand) Run(w world) error {
	if err := cmd.change(w, store.Rotate); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "%s is rotated. Now restart all processes, one after the other; do not rotate again before that is done.\n", cmd.File)
	return err
}

type retireKeyCommand struct {
	keysetFile
	Key    uint32 `help:"The number of the key, as iqbot keys list shows it." xor:"which" required:"" placeholder:"ID"`
	Oldest bool   `help:"The oldest key." xor:"which" required:""`
}

// Help says what to do before and after.
func (retireKeyCommand) Help() string {
	return "Run iqbot keys reseal before: what the key has sealed, and nothing has sealed anew, can never be opened again, in a backup neither. " +
		"The key that seals and the next one cannot be retired. Restart all processes afterwards."
}

// Run removes the key and says what it took with it.
func (cmd retireKeyCommand) Run(w world) error {
	id := cmd.Key
	err := cmd.change(w, func(keyset []byte) ([]byte, error) {
		if cmd.Oldest {
			keys, err := store.Keys(keyset)
			if err != nil {
				return nil, err
			}
			id = keys[0].ID
		}
		changed, err := store.Retire(keyset, id)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w; iqbot keys list shows them", id, err)
		}
		return changed, nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "Key %d is removed from %s. What it has sealed and iqbot keys reseal has not sealed anew can no longer be opened, "+
		"dialogues, messages, cases and questions, and backups from before. Now restart all processes, one after the other.\n", id, cmd.File)
	return err
}

type resealCommand struct {
	JSON bool `help:"Print JSON, for a script."`
}

// Help says when to run it, and how often.
func (resealCommand) Help() string {
	return "Run it after iqbot keys rotate, when all processes are restarted with the new keyset. The service goes on meanwhile. " +
		"It can be stopped and run again at any time. On a cluster, move no slots meanwhile. It ends with 1 if something is left that an old key sealed. " + ofTheService
}

// Run seals anew and says whether old keys are free to go.
func (cmd resealCommand) Run(ctx context.Context, w world) error {
	return operateAtLength(ctx, w, func(ctx context.Context, s *store.Store) error {
		n, err := s.Reseal(ctx)
		if errors.Is(err, store.ErrNoRotation) {
			return errors.New("KEYSET is not set: nothing of what is stored is sealed")
		}
		if err != nil {
			return fmt.Errorf("stopped after %d values were sealed anew; run it again: %w", n.Sealed, err)
		}
		if cmd.JSON {
			err = printJSON(w.out, n)
		} else {
			_, err = fmt.Fprintf(w.out, "looked at: %d; sealed anew: %d; somebody wrote it at that moment: %d; gone meanwhile: %d; cannot be opened with any key: %d\n",
				n.Seen, n.Sealed, n.Changed, n.Gone, n.Unreadable)
		}
		switch {
		case err != nil:
			return err
		case n.Left > 0:
			return fmt.Errorf("still sealed with an old key: %d. Retire none. A process writes that was not restarted after the rotation: restart it and run this again", n.Left)
		case !cmd.JSON:
			_, err = fmt.Fprintln(w.out, "Nothing is left that can be opened only with an old key: iqbot keys retire can remove the keys that only open.")
		}
		return err
	})
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
