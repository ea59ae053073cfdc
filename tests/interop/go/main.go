// SPDX-License-Identifier: EUPL-1.2

// check_export verifies what knooppunt writes with another implementation of the same formats: signed notes and
// transparency logs of golang.org/x/mod.
//
//	check_export export DIR              the whole export, with the key in DIR/log.vkey
//	check_export receipt VKEYFILE FILE   one receipt
//	check_export cosigned VKEYFILE WITNESSVKEY FILE   a checkpoint that this witness has cosigned
//
// tlog.TileHashReader is not used: the version in Debian 12 does not notice a changed tile (CVE-2026-56865).
// What is believed here is recomputed from the entries; tiles are compared with it and then read for the proofs.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

type head struct {
	size int64
	root tlog.Hash
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "export":
		err = checkExport(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "receipt":
		err = checkReceipt(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "cosigned":
		err = checkCosigned(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = errors.New("usage: check_export export DIR | check_export receipt VKEYFILE FILE | " +
			"check_export cosigned VKEYFILE WITNESSVKEY FILE")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readKey(path string) (note.Verifier, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(strings.TrimSuffix(string(text), "\n"))
}

// openHead verifies a signed checkpoint; its origin must be the key's name.
func openHead(signed []byte, key note.Verifier) (head, error) {
	var h head
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return h, fmt.Errorf("checkpoint: %v", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != key.Name() {
		return h, errors.New("checkpoint: not of this log")
	}
	if h.size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return h, fmt.Errorf("checkpoint: %v", err)
	}
	h.root, err = tlog.ParseHash(lines[2])
	return h, err
}

// witness verifies a cosignature/v1 (C2SP tlog-cosignature), which this version of note does not know: eight bytes of time, a
// signature over the time and the checkpoint.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(text), sig[8:])
}

func newWitness(vkey string) (w witness, err error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return w, errors.New("witness: malformed key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return w, errors.New("witness: no cosignature key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	w = witness{parts[0], binary.BigEndian.Uint32(sum[:]), ed25519.PublicKey(key[1:])}
	if parts[1] != fmt.Sprintf("%08x", w.hash) {
		return w, errors.New("witness: the key's id is not its own")
	}
	return w, nil
}

func checkCosigned(keyFile, witnessKey, file string) error {
	key, err := readKey(keyFile)
	if err != nil {
		return err
	}
	w, err := newWitness(witnessKey)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err = openHead(signed, key); err != nil {
		return err
	}
	n, err := note.Open(signed, note.VerifierList(key, w))
	if err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	for _, s := range n.Sigs {
		if s.Name == w.name && s.Hash == w.hash {
			return nil
		}
	}
	return errors.New("this witness has not cosigned the checkpoint")
}

// number writes a tile number as tlog-tiles does: x001/x234/067.
func number(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

func tilePath(folder string, n int64, width int) string {
	path := "tile/" + folder + "/" + number(n)
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// width of tile n at a level: 0 when there is none.
func width(level int, n, size int64) int {
	hashes := size >> uint(tileHeight*level)
	switch {
	case n < hashes/tileWidth:
		return tileWidth
	case n == hashes/tileWidth:
		return int(hashes % tileWidth)
	}
	return 0
}

// memory is the tree recomputed from the entries.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(m)) {
			return nil, fmt.Errorf("no stored hash %d", i)
		}
		out = append(out, m[i])
	}
	return out, nil
}

// tiles reads hashes from the tile files, as a client with a proof to make would.
type tiles struct {
	dir  string
	size int64
}

func (t tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		tile := tlog.TileForIndex(tileHeight, i)
		tile.W = width(tile.L, tile.N, t.size)
		data, err := os.ReadFile(filepath.Join(t.dir, tilePath(strconv.Itoa(tile.L), tile.N, tile.W)))
		if err != nil {
			return nil, err
		}
		h, err := tlog.HashFromTile(tile, data, i)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// readEntries calls each with every entry of the export, and refuses bundles that hold more or less than they should.
func readEntries(dir string, size int64, each func(i int64, entry []byte) error) error {
	for n := int64(0); width(0, n, size) > 0; n++ {
		w := width(0, n, size)
		path := tilePath("entries", n, w)
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		for k := 0; k < w; k++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("%s: cut off at entry %d", path, k)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if err := each(n*tileWidth+int64(k), data[2:end]); err != nil {
				return err
			}
			data = data[end:]
		}
		if len(data) != 0 {
			return fmt.Errorf("%s: trailing bytes", path)
		}
	}
	return nil
}

// checkTiles compares every tile file with the tree recomputed from the entries.
func checkTiles(dir string, size int64, tree memory) error {
	for level := 0; width(level, 0, size) > 0; level++ {
		for n := int64(0); width(level, n, size) > 0; n++ {
			w := width(level, n, size)
			path := tilePath(strconv.Itoa(level), n, w)
			got, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			want, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: level, N: n, W: w}, tree)
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return fmt.Errorf("%s: not the hashes of the entries", path)
			}
		}
	}
	return nil
}

// wanted says of which entries of a big log the inclusion is checked: those beside the ends of tiles, of all levels, and every 499th.
func wanted(i, size int64) bool {
	return size <= 2000 || i%499 == 0 || i >= size-2 || i < 300 || (i+1)%65536 < 2 || i%65536 > 65000 && (i+1)%256 < 2
}

func checkProofs(h head, tree memory, files tiles, leaves []tlog.Hash) error {
	root, err := tlog.TreeHash(h.size, files)
	if err != nil || root != h.root {
		return fmt.Errorf("the tiles do not make the signed root (%v)", err)
	}
	for i := int64(0); i < h.size; i++ {
		if !wanted(i, h.size) {
			continue
		}
		proof, err := tlog.ProveRecord(h.size, i, files)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, h.size, h.root, i, leaves[i]); err != nil {
			return fmt.Errorf("inclusion of %d: %v", i, err)
		}
	}
	for older := int64(1); older <= h.size; older += 1 + older/7 {
		olderRoot, err := tlog.TreeHash(older, tree)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(h.size, older, files)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, h.size, h.root, older, olderRoot); err != nil {
			return fmt.Errorf("consistency with %d: %v", older, err)
		}
	}
	return nil
}

func checkExport(dir string) error {
	key, err := readKey(filepath.Join(dir, "log.vkey"))
	if err != nil {
		return fmt.Errorf("log.vkey: %v", err)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	h, err := openHead(signed, key)
	if err != nil {
		return err
	}
	var tree memory
	var leaves []tlog.Hash
	err = readEntries(dir, h.size, func(i int64, entry []byte) error {
		hashes, err := tlog.StoredHashes(i, entry, tree)
		tree = append(tree, hashes...)
		leaves = append(leaves, tlog.RecordHash(entry))
		return err
	})
	if err != nil {
		return err
	}
	root := tlog.Hash(sha256.Sum256(nil)) // of the empty tree, which tlog leaves to its caller
	if h.size > 0 {
		if root, err = tlog.TreeHash(h.size, tree); err != nil {
			return err
		}
	}
	if root != h.root {
		return errors.New("the entries do not make the signed root")
	}
	if h.size == 0 {
		return nil
	}
	if err := checkTiles(dir, h.size, tree); err != nil {
		return err
	}
	return checkProofs(h, tree, tiles{dir, h.size}, leaves)
}

// leafOf takes the entry out of a receipt's extra bytes and checks what the entry binds:
// 01 || salt[32] || lp16(statement) || lp16(entry).
func leafOf(extra []byte) ([]byte, error) {
	if len(extra) < 35 || extra[0] != 1 {
		return nil, errors.New("extra: not version 1")
	}
	salt, rest := extra[1:33], extra[33:]
	var parts [2][]byte
	for i := range parts {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return nil, errors.New("extra: cut off")
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		parts[i], rest = rest[2:end], rest[end:]
	}
	statement, entry := parts[0], parts[1]
	if len(rest) != 0 || len(entry) < 118 {
		return nil, errors.New("extra: wrong length")
	}
	binding := sha256.Sum256([]byte("knooppunt/binding/v1" + string(salt) + string(statement)))
	if !bytes.Equal(binding[:], entry[44:76]) {
		return nil, errors.New("the statement is not bound by the entry")
	}
	return entry, nil
}

func checkReceipt(keyFile, file string) error {
	key, err := readKey(keyFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	top, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(top, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a receipt")
	}
	extra, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	entry, err := leafOf(extra)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, h)
	}
	h, err := openHead([]byte(signed), key)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, h.size, h.root, index, tlog.RecordHash(entry))
}
