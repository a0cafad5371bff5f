package seal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal"
)

// policy is what another tool knows of a log: its origin and its key.
func policy(origin string, v note.Verifier) torchwood.Policy {
	return torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(origin), torchwood.SingleVerifierPolicy(v))
}

// linesOf returns the complete lines of a text, without their line feeds.
func linesOf(text string) []string {
	lines := strings.Split(text, "\n")
	return lines[:len(lines)-1]
}

// torchwood and tlog can verify what we sealed, from a directory and over HTTP.
func TestTorchwoodReadsOurs(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	for _, n := range []int{1, 2, 255, 256, 257, 600, 70_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			l := newLog(t, numbered(0, n/2))
			mustSeal(t, l, key)
			appendTo(t, l.Path, numbered(n/2, n-n/2)+"incomplete")
			mustSeal(t, l, key)
			writeEntries(t, l)
			local, err := torchwood.NewTileFS(os.DirFS(l.Path + ".tlog"))
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.FileServer(http.Dir(l.Path + ".tlog")))
			defer server.Close()
			remote, err := torchwood.NewTileFetcher(server.URL, torchwood.WithHTTPClient(server.Client()))
			if err != nil {
				t.Fatal(err)
			}
			lines := linesOf(read(t, l.Path))
			readAsOthers(t, local, lines, key)
			readAsOthers(t, remote, lines, key)
		})
	}
}

// writeEntries writes the lines of a log beside its tiles, as logs on the web have them.
func writeEntries(t *testing.T, l seal.Log) {
	t.Helper()
	lines := linesOf(read(t, l.Path))
	for _, tile := range tlog.NewTiles(torchwood.TileHeight, 0, int64(len(lines))) {
		if tile.L != 0 {
			continue
		}
		var bundle []byte
		for _, line := range lines[tile.N*torchwood.TileWidth:][:tile.W] {
			var err error
			if bundle, err = torchwood.AppendTileEntry(bundle, []byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		tile.L = -1
		writeTile(t, l, tile, bundle)
	}
}

func writeTile(t *testing.T, l seal.Log, tile tlog.Tile, data []byte) {
	t.Helper()
	path := filepath.Join(l.Path+".tlog", filepath.FromSlash(torchwood.TilePath(tile)))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, path, string(data))
}

// readAsOthers reads a log with these lines without our code.
func readAsOthers(t *testing.T, tiles torchwood.TileReader, lines []string, key keyPair) {
	t.Helper()
	ctx := context.Background()
	signed, err := tiles.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := torchwood.VerifyCheckpoint(signed, policy(key.Verifier.Name(), key.Verifier))
	if err != nil || c.N != int64(len(lines)) {
		t.Fatalf("%v, %v", c, err)
	}
	hashes := torchwood.TileHashReaderWithContext(ctx, c.Tree, tiles)
	for i := 0; i < len(lines); i += max(1, len(lines)/7) {
		proof, err := tlog.ProveRecord(c.N, int64(i), hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, c.N, c.Hash, int64(i), tlog.RecordHash([]byte(lines[i]))); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		t.Fatal(err)
	}
	next := int64(0)
	for i, entry := range client.AllEntries(ctx, c.Tree, 0) {
		if i != next || string(entry) != lines[i] {
			t.Fatalf("entry %d: %q", i, entry)
		}
		next++
	}
	if err := client.Err(); err != nil || next != c.N {
		t.Errorf("%d entries: %v", next, err)
	}
	entry, _, err := client.Entry(ctx, c.Tree, c.N-1)
	if err != nil || string(entry) != lines[c.N-1] {
		t.Errorf("last entry: %q, %v", entry, err)
	}
}

func TestOthersVerifyOurProofs(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	l := newLog(t, numbered(0, 300))
	mustSeal(t, l, key)
	early := read(t, l.Path+".tlog/checkpoint")
	appendTo(t, l.Path, numbered(300, 401))
	mustSeal(t, l, key)
	lines := linesOf(read(t, l.Path))
	known := policy("example.com/audit", key.Verifier)
	for i, line := range lines {
		proof, err := l.ProveLine(int64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := torchwood.VerifyProof(known, tlog.RecordHash([]byte(line)), proof); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
	}

	proof, err := l.ProveGrowth([]byte(early))
	if err != nil {
		t.Fatal(err)
	}
	head, signed, _ := strings.Cut(string(proof), "\n\n")
	now, _, err := torchwood.VerifyCheckpoint([]byte(signed), known)
	if err != nil {
		t.Fatal(err)
	}
	before, _, err := torchwood.VerifyCheckpoint([]byte(early), known)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(head, "\n")
	if want := fmt.Sprintf("old %d", before.N); parts[0] != want {
		t.Errorf("a request begins with %q, want %q", parts[0], want)
	}
	var hashes tlog.TreeProof
	for _, part := range parts[1:] {
		h, err := tlog.ParseHash(part)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	if err := tlog.CheckTree(hashes, now.N, now.Hash, before.N, before.Hash); err != nil {
		t.Error(err)
	}
}

// foreignLog returns a log that was sealed by another tool.
func foreignLog(t *testing.T, text string, origin string, signers ...note.Signer) seal.Log {
	t.Helper()
	l := newLog(t, text)
	tree := newPlainTree(t, text)
	for _, tile := range tlog.NewTiles(torchwood.TileHeight, 0, tree.n) {
		data, err := tlog.ReadTileData(tile, tree)
		if err != nil {
			t.Fatal(err)
		}
		writeTile(t, l, tile, data)
	}
	c := torchwood.Checkpoint{Origin: origin, Tree: tlog.Tree{N: tree.n, Hash: tree.root(t, tree.n)}}
	signed, err := note.Sign(&note.Note{Text: c.String()}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	write(t, l.Path+".tlog/checkpoint", string(signed))
	return l
}

// foreignKey returns a key of another tool, and the same key as we parse it.
func foreignKey(t *testing.T, name string) (note.Signer, keyPair) {
	t.Helper()
	secret, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return signer, parseKeys(t, secret, verifier)
}

func newWitness(t *testing.T) note.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := torchwood.NewCosignatureSigner("witness.example.com/w1", private)
	if err != nil {
		t.Fatal(err)
	}
	return witness
}

// We can verify and continue what another tool sealed.
func TestWeReadTheirs(t *testing.T) {
	long(t)
	signer, key := foreignKey(t, "example.com/theirs")
	o := seal.VerifyOptions{Verifier: key.Verifier, Origin: "example.com/their log"}
	for _, n := range []int{1, 2, 255, 256, 257, 600, 66_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			text := numbered(0, n)
			l := foreignLog(t, text, o.Origin, signer)
			theirs := read(t, l.Path+".tlog/checkpoint")
			if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != int64(n) {
				t.Fatalf("%+v", r)
			}
			for _, line := range []int{0, n / 2, n - 1} {
				write(t, l.Path, strings.Replace(text, fmt.Sprintf(`"n": %d}`, line), `"n": -1}`, 1))
				if r := verify(t, l, o); r.Verdict != seal.Changed || r.Line != int64(line+1) {
					t.Errorf("line %d: %+v", line+1, r)
				}
			}
			write(t, l.Path, text)

			proof, err := l.ProveLine(int64(n))
			if err != nil {
				t.Fatal(err)
			}
			if _, c, err := seal.VerifyLine([]byte(linesOf(text)[n-1]), proof, key.Verifier); err != nil || c.Lines() != int64(n) {
				t.Error(err)
			}

			for i := range 2 {
				more := numbered(n+300*i, 300)
				appendTo(t, l.Path, more)
				text += more
				sealed := mustAdopt(t, l, key)
				if want := plainRoot(t, text); sealed.Tree() != want || sealed.Origin() != o.Origin {
					t.Fatalf("%v, want %v", sealed, want)
				}
				o.Against = []byte(theirs)
				if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != sealed.Lines() {
					t.Fatalf("%+v", r)
				}
				o.Against = nil
			}
			all := read(t, l.Path+".tlog/checkpoints")
			if !strings.HasPrefix(all, theirs) || strings.Count(all, o.Origin+"\n") != 3 {
				t.Errorf("checkpoints: %s", all)
			}
		})
	}
}

// When a log of another tool is sealed without new lines, its checkpoint becomes part of
// the history. It is adopted only with the option.
func TestTheirsWithNothingNew(t *testing.T) {
	signer, key := foreignKey(t, "example.com/theirs")
	l := foreignLog(t, numbered(0, 300), "example.com/theirs", signer, newWitness(t))
	theirs := read(t, l.Path+".tlog/checkpoint")
	if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil {
		t.Error("it was adopted without the option")
	}
	if sealed := mustAdopt(t, l, key); sealed.New != 0 || sealed.Lines() != 300 {
		t.Errorf("%+v", sealed)
	}
	if all := read(t, l.Path+".tlog/checkpoints"); !strings.HasPrefix(theirs, all) || strings.Count(theirs, "— ") != 2 || strings.Count(all, "— ") != 1 {
		t.Errorf("checkpoints: %s", all)
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact {
		t.Errorf("%+v", r)
	}
}

func TestWeVerifyTheirProofs(t *testing.T) {
	signer, key := foreignKey(t, "example.com/theirs")
	text := numbered(0, 300)
	tree := newPlainTree(t, text)
	c := torchwood.Checkpoint{Origin: "example.com/theirs", Tree: tlog.Tree{N: 300, Hash: tree.root(t, 300)}}
	signed, err := note.Sign(&note.Note{Text: c.String()}, signer)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range linesOf(text) {
		record, err := tlog.ProveRecord(300, int64(i), tree)
		if err != nil {
			t.Fatal(err)
		}
		for _, proof := range [][]byte{
			torchwood.FormatProof(int64(i), record, signed),
			torchwood.FormatProofWithExtraData(int64(i), []byte("extra"), record, signed),
		} {
			if _, got, err := seal.VerifyLine([]byte(line), proof, key.Verifier); err != nil || got.Tree() != c.Tree {
				t.Fatalf("line %d: %v", i+1, err)
			}
			if _, _, err := seal.VerifyLine([]byte(line+" "), proof, key.Verifier); err == nil {
				t.Fatalf("line %d: another line was proven", i+1)
			}
		}
	}
}

// A log can be verified against a checkpoint with the additional signature of a witness.
func TestCosigned(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := newLog(t, numbered(0, 300))
	mustSeal(t, l, key)
	n, err := note.Open([]byte(read(t, l.Path+".tlog/checkpoint")), note.VerifierList(key.Verifier))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(n, newWitness(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(cosigned, []byte("\n— ")); got != 2 {
		t.Fatalf("%d signatures: %s", got, cosigned)
	}
	appendTo(t, l.Path, numbered(300, 300))
	mustSeal(t, l, key)
	o := seal.VerifyOptions{Verifier: key.Verifier, Against: cosigned}
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.Anchored != 600 {
		t.Errorf("%+v", r)
	}
	o.Verifier = nil
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.Anchored != 300 {
		t.Errorf("without a key: %+v", r)
	}
	if proof, err := l.ProveGrowth(cosigned); err != nil {
		t.Error(err)
	} else if _, err := seal.VerifyGrowth(cosigned, proof, key.Verifier); err != nil {
		t.Error(err)
	}
}

// The id of a key is as in c2sp.org/signed-note: the first four bytes of the SHA-256 of its
// name, a line feed, a byte for Ed25519 and the public key. A signature begins with it.
func TestKeyID(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	// Base64 may have a plus sign, too.
	parts := strings.SplitN(verifier, "+", 3)
	public, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(public) != 1+ed25519.PublicKeySize || public[0] != 1 {
		t.Fatalf("%q: %v", verifier, err)
	}
	sum := sha256.Sum256([]byte("example.com/audit\n\x01" + string(public[1:])))
	id := sum[:4]
	if parts[0] != "example.com/audit" || parts[1] != fmt.Sprintf("%x", id) {
		t.Errorf("%q, want the id %x", verifier, id)
	}

	l := newLog(t, "{}\n")
	if _, err := l.Seal(context.Background(), key, seal.Options{}); err != nil {
		t.Fatal(err)
	}
	text, signature, _ := strings.Cut(read(t, l.Path+".tlog/checkpoint"), "\n\n")
	signature, ok := strings.CutPrefix(signature, "— example.com/audit ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(signature, "\n"))
	if err != nil || !ok || len(raw) != 4+ed25519.SignatureSize {
		t.Fatalf("%q: %v", signature, err)
	}
	if !bytes.Equal(raw[:4], id) {
		t.Errorf("the signature has the id %x, want %x", raw[:4], id)
	}
	if !ed25519.Verify(public[1:], []byte(text+"\n"), raw[4:]) {
		t.Error("the signature is not that of the text by the key")
	}
}
