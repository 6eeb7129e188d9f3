// Package network is the directory: contact points, the regions of
// Rhineland-Palatinate, and professions with the type of authority that
// decides about them.
//
// The data lies in the folder data, each file with its own rules at its head;
// data/README.md says where every file came from and how to bring it up to
// date. An operator may keep files of their own in place of any of them. [Load]
// checks all of it and names every fault with file and line, so that a wrong
// address is found by `iqbot check` and not by a person in need.
//
// Three questions are answered here:
//
//   - Where is this? [Directory.FindPlaces] reads a postcode, a town, a
//     district or a Land out of what a person wrote, in several scripts and
//     with typing errors. What is not certain is said so, so that the person
//     can be asked.
//   - Whom can they turn to? [Directory.Contacts] picks what fits to topic and
//     place. It hands out only what may be handed out: an entry marked
//     "check-first" or of low confidence stays hidden until an operator has
//     confirmed it with [Directory.Confirm], one marked "no" always.
//   - Which profession do they mean? [Directory.FindProfessions].
//
// The package is pure: no clock, no network, no state besides the data.
package network

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"iqbot/internal/content"
)

// Limits. The finders look at what a person typed, so their work is bounded.
const (
	// MaxPlaces is the most that FindPlaces returns: what still can be offered as buttons.
	MaxPlaces = 8
	// MaxProfessions is the most that FindProfessions returns.
	MaxProfessions = 5
	// maxText is how many bytes of a text are looked at, enough for maxWords in any script.
	maxText = 1000
	// maxWords is how many words of a text are looked at. A place or a
	// profession that is asked for stands in the first sentence.
	maxWords = 40
	// maxGram is how many words of a text are tried together as one name.
	// A test checks that no name has more.
	maxGram = 10
	// maxName is how long a name may be, in letters, to be found in spite of
	// typing errors. The towns' names have 35 at most, those of professions that are longer are rarely typed.
	maxName = 48
)

// homeLand is the Land whose districts the directory knows.
const homeLand = "DE-RP"

// nationwide is the "Land" of an office that serves all of Germany.
const nationwide = "DE"

// files are all that the directory is read from.
var files = []string{
	"exonyms.yaml", "germany.yaml", "network.yaml", "points.yaml", "professions.csv", "regions-rlp.yaml", "topics.tsv", "words.yaml",
}

//go:embed data
var embedded embed.FS

// Directory is the loaded data. It never changes and is safe for concurrent
// use. Slices inside of what it returns are shared and must not be changed.
type Directory struct {
	districts []District // by name
	byAGS     map[string]District
	points    map[string][2]float64 // AGS -> degrees north and east
	regions   regions
	places    index[candidate]
	words     words

	entries   []entry        // in the order of the file
	byID      map[string]int // position in entries
	kinds     []string
	fallback  fallbackOrder
	seedTopic map[string]bool // topics of any of the seed's counselling addresses

	professions   []Profession
	professionIDs map[string]int
	titles        index[title]
	heads         []head
}

// District is one of the 36 districts of Rhineland-Palatinate.
type District struct {
	// ID is the official key (AGS) in five digits.
	ID string
	// Name is the official German name, such as "Landkreis Mayen-Koblenz".
	Name string
	// Seat is the town of the administration. If empty, the district is a town itself.
	Seat string
	// Chambers is the chamber district: koblenz, trier, rheinhessen or pfalz.
	Chambers string
	// City says that the district is a single town (kreisfreie Stadt).
	City bool
}

// BuiltIn is the data as it was when the program was built.
func BuiltIn() fs.FS {
	fsys, err := fs.Sub(embedded, "data")
	if err != nil {
		panic(err) // data is a valid name, and nothing else can be wrong
	}
	return fsys
}

// Load reads the directory from fsys, which has the files of the folder data at
// its root. The error is [content.Faults] with every fault of all files.
func Load(fsys fs.FS) (*Directory, error) {
	r := content.NewReader(fsys)
	for _, e := range r.Dir(".") {
		if isData := slices.Contains([]string{".csv", ".tsv", ".yaml", ".yml"}, path.Ext(e.Name())); isData && !slices.Contains(files, e.Name()) {
			r.Fault(e.Name(), 0, "is read by nobody; the files are %s", strings.Join(files, ", "))
		}
	}
	d := &Directory{}
	d.loadRegions(r)
	d.loadPoints(r)
	d.loadContacts(r)
	d.loadProfessions(r)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

// Districts returns all districts by name.
func (d *Directory) Districts() []District { return slices.Clone(d.districts) }

// District returns the district with this AGS.
func (d *Directory) District(id string) (District, bool) {
	x, ok := d.byAGS[id]
	return x, ok
}

// known lists the keys of a set for a message to the operator.
func known[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// HomeLand is the ISO 3166-2 code of the Land whose districts the directory knows.
func (d *Directory) HomeLand() string { return homeLand }

// LandName returns the German name of the Land with this ISO 3166-2 code, such
// as "Hessen" for "DE-HE"; "" if there is none.
func (d *Directory) LandName(code string) string { return d.regions.LandNames[code] }
