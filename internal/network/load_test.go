package network

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"iqbot/internal/content"
)

var loaded = sync.OnceValues(func() (*Directory, error) { return Load(BuiltIn()) })

func directory(t testing.TB) *Directory {
	t.Helper()
	d, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryNameCanBeTriedAsAWhole(t *testing.T) {
	d := directory(t)
	for _, x := range d.regions.Districts {
		for _, name := range append(append([]string{x.Name}, x.Aliases...), x.Places...) {
			if n := split(name).len(); n > maxGram {
				t.Errorf("%s has %d words, more than maxGram", name, n)
			}
		}
	}
	for _, p := range d.professions {
		for _, name := range append([]string{p.NameM, p.NameF, p.NameEN}, p.Aliases...) {
			if n := split(name).len(); n > maxGram {
				t.Errorf("%s has %d words, more than maxGram", name, n)
			}
		}
	}
}

func TestDistrictsAreAllThereByName(t *testing.T) {
	d := directory(t)
	list := d.Districts()
	cities := 0
	for i, x := range list {
		if i > 0 && key(list[i-1].Name) >= key(x.Name) {
			t.Errorf("%s stands behind %s", x.Name, list[i-1].Name)
		}
		if got, ok := d.District(x.ID); !ok || got != x {
			t.Errorf("District(%s) = %v, %v", x.ID, got, ok)
		}
		if x.City {
			cities++
		} else if x.Seat == "" || strings.Contains(x.Seat, "outside") {
			t.Errorf("%s has the seat %q", x.Name, x.Seat)
		}
		if x.Chambers == "" {
			t.Errorf("%s has no chambers", x.Name)
		}
	}
	if len(list) != 36 || cities != 12 {
		t.Errorf("%d districts with %d towns, want 36 with 12", len(list), cities)
	}
	if _, ok := d.District("06412"); ok {
		t.Error("Frankfurt am Main is no district of Rhineland-Palatinate")
	}
}

// TestFaultsAreNamedWithFileAndLine breaks the real data in one place each.
func TestFaultsAreNamedWithFileAndLine(t *testing.T) {
	files := map[string]string{}
	names, err := fs.Glob(os.DirFS("data"), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range names {
		data, err := os.ReadFile("data/" + f)
		if err != nil {
			t.Fatal(err)
		}
		files[f] = string(data)
	}
	for _, c := range []struct {
		name, file, old, new string
		want                 []string
	}{
		{"unknown field", "network.yaml", "    from_seed: true\n", "    from_sed: true\n", []string{`network.yaml:43: unknown key "from_sed"`}},
		{"wrong type", "network.yaml", "    from_seed: true\n", "    from_seed: [1]\n", []string{"network.yaml:43: a list stands where true or false is expected"}},
		{"torn file", "network.yaml", "  - id: seed-iq-kvmyk\n", "  - id: [\n", []string{"network.yaml:45: not valid YAML: did not find expected ',' or ']'"}},
		{"topic", "network.yaml", "topics: [iq-counselling, what-is-iq]", "topics: [iq-counseling, what-is-iq]", []string{`network.yaml:50: entry seed-iq-kvmyk: there is no topic "iq-counseling" in topics.tsv`}},
		{"kind", "network.yaml", "    kind: hotline\n", "    kind: phone\n", []string{`: entry hotline-arbeiten-und-leben: kind is "phone", it must be one of iq-counselling, iq-qualification, iq-intercultural, iq-coordination, fair-integration, hotline, authority, partner`}},
		{"district", "network.yaml", "districts: [Mainz]", "districts: [Meinz]", []string{`: entry mip-mainz: there is no district "Meinz" in regions-rlp.yaml`}},
		{"preferred district", "network.yaml", "first_in: [Koblenz]", "first_in: [Coblenz]", []string{`: entry seed-iq-caritas-koblenz: there is no district "Coblenz" in regions-rlp.yaml`}},
		{"stuck-on word in an address", "network.yaml", `email: "schneider@`, `email: "bzw.schneider@`, []string{`: entry seed-iq-schneider: "bzw.schneider@schneider-beratung.de" is no email address`}},
		{"email", "network.yaml", "iq@caritas-koblenz.de", "IQ <iq@caritas-koblenz.de>", []string{`: entry seed-iq-caritas-koblenz: "IQ <iq@caritas-koblenz.de>" is no email address`}},
		{"phone", "network.yaml", "+49 30 1815-1111", "+49 30 ask", []string{`: entry hotline-arbeiten-und-leben: "+49 30 ask" is no phone number`}},
		{"short phone", "network.yaml", `phone: "115"`, `phone: "11"`, []string{`: entry behoerdennummer-115: "11" is no phone number`}},
		{"website", "network.yaml", "https://www.iq-rlp.de\"\n", "www.iq-rlp.de\"\n", []string{`: entry iq-rlp-koordination-ism: "www.iq-rlp.de" is no web address`}},
		{"postcode of an office", "network.yaml", `postcode: "56077"`, `postcode: "5607"`, []string{`: entry caritas-koblenz-ehrenbreitstein: "5607" is no German postcode`}},
		{"date", "network.yaml", `as_of: "2023-07-26"`, `as_of: "26.7.2023"`, []string{`: entry caritas-koblenz-migrationsdienst: the date "26.7.2023" is none of 2024, 2024-03, 2024-03-09, 2023-2025, undated`}},
		{"language", "network.yaml", "languages: [de, en]", "languages: [deutsch, en]", []string{`: entry hotline-arbeiten-und-leben: "deutsch" is no language tag`}},
		{"duplicate id", "network.yaml", "- id: seed-iq-kvmyk", "- id: seed-iq-caritas-koblenz", []string{"network.yaml:45: entry seed-iq-caritas-koblenz: the id stands here for the second time"}},
		{"nothing to reach", "network.yaml", "    email: \"iq@caritas-koblenz.de\"\n", "", []string{": entry seed-iq-caritas-koblenz: there is no email, phone, website or street, so handout must be no"}},
		{"unknown fallback", "network.yaml", "labour_law: [faire-integration]", "labour_law: [fair]", []string{"network.yaml:24: fallback_order: there is no contact fair"}},
		{"hidden fallback", "network.yaml", "labour_law: [faire-integration]", "labour_law: [faire-integration-rlp]", []string{"network.yaml:24: fallback_order: faire-integration-rlp must be nationwide, with handout ok and without low confidence"}},
		{"fallback for others", "network.yaml", "inside_germany: [", "inside_germany: [zsba, ", []string{"network.yaml:22: fallback_order: zsba is for others only (only: abroad)"}},
		{"empty fallback", "network.yaml", "labour_law: [faire-integration]", "labour_law: []", []string{"network.yaml:24: fallback_order: labour_law must name at least one contact"}},

		{"postcode claimed twice", "regions-rlp.yaml", `postcodes: ["54290", "54292", "54293", "54294", "54295", "54296"]` + "\n    prefixes", `postcodes: ["54290", "56068"]` + "\n    prefixes",
			[]string{": district Trier: the postcode 56068 belongs to Koblenz already; if both use it, it is shared"}},
		{"shared on one side", "regions-rlp.yaml", "      \"53518\": [\"07233\"]\n", "",
			[]string{": district Landkreis Vulkaneifel: the postcode 53518 is shared by this district and 07131 in one of them only"}},
		{"kind of a district", "regions-rlp.yaml", "kind: landkreis", "kind: kreis", []string{`: district Landkreis Ahrweiler: kind is "kreis", it must be landkreis or kreisfreie-stadt`}},
		{"homonym", "regions-rlp.yaml", `could_be: ["07211", "07235"]`, `could_be: ["07211", "99999"]`, []string{`: there is no district with the AGS "99999"`}},
		{"ambiguous name", "regions-rlp.yaml", `"Alsdorf": ["07132", "07232"]`, `"Alsdorf": ["07132", "07111"]`, []string{": the district 07111 has no place Alsdorf"}},
		{"Land", "regions-rlp.yaml", `"28": {laender: [DE-HB, DE-NI]}`, `"28": {laender: [DE-XX]}`, []string{`: there is no Land "DE-XX" in laender_names`}},
		{"exonym", "exonyms.yaml", "name: Koblenz,", "name: Konfluenz,", []string{`exonyms.yaml:21: there is no place "Konfluenz" in regions-rlp.yaml or germany.yaml`}},
		{"home Land among the others", "germany.yaml", "land: DE-HH", "land: DE-RP", []string{`: "DE-RP" is not one of the other Länder in laender_names of regions-rlp.yaml`}},

		{"body type", "professions.csv", "federal,state-health-authority", "federal,state-health", []string{`professions.csv:2: profession general-nurse: competent_body_type is "state-health", it must be one of auditor-chamber, `}},
		{"field missing in a table", "professions.csv", "midwife,Hebamme,Hebamme,", "midwife,Hebamme,", []string{"professions.csv:5: 14 fields, there must be 15"}},
		{"torn quotation", "professions.csv", "general-nurse,", `"general-nurse,`, []string{"professions.csv:2: not a valid table: extraneous or missing \" in quoted-field"}},
		{"column", "professions.csv", "isco08", "isco", []string{`professions.csv:1: column "isco08" is missing`, `professions.csv:1: column "isco" is unknown or stands here twice; there are id, name_de_m, `}},
		{"topic twice", "topics.tsv", "\nwho-can-apply\t", "\nwhat-is-recognition\t", []string{"topics.tsv:3: the topic what-is-recognition stands here for the second time"}},

		{"two faults at once", "network.yaml", "kind: iq-counselling\n    land: DE-RP\n    first_in: [Koblenz]", "kind: x\n    land: DE-XX\n    first_in: [Koblenz]",
			[]string{`: entry seed-iq-caritas-koblenz: kind is "x", it`, `: entry seed-iq-caritas-koblenz: there is no Land "DE-XX", it`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for f, data := range files {
				if f == c.file {
					if !strings.Contains(data, c.old) {
						t.Fatalf("%s has no %q", f, c.old)
					}
					data = strings.Replace(data, c.old, c.new, 1)
				}
				fsys[f] = &fstest.MapFile{Data: []byte(data)}
			}
			_, err := Load(fsys)
			if err == nil {
				t.Fatal("no fault was found")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				if !strings.Contains(err.Error(), c.file+":") {
					t.Errorf("%v does not name the file", err)
				}
			}
		})
	}
}

func TestMissingFilesAreAllNamed(t *testing.T) {
	_, err := Load(fstest.MapFS{"regions-rlp.yaml": {Data: []byte("districts: []\n")}, "netwrok.yaml": {}, "network.yaml~": {}})
	if want := "netwrok.yaml: is read by nobody; the files are exonyms.yaml, germany.yaml, network.yaml,"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, f := range files {
		if f == "regions-rlp.yaml" {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), f+": cannot be read: file does not exist") {
			t.Errorf("%v does not name %s", err, f)
		}
	}
}

func TestATornFileIsOneFault(t *testing.T) {
	for _, f := range []string{"regions-rlp.yaml", "network.yaml", "topics.tsv", "professions.csv"} {
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{f: {Data: []byte("\"torn: [")}}
			err := fs.WalkDir(BuiltIn(), ".", func(name string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() || name == f {
					return err
				}
				data, err := fs.ReadFile(BuiltIn(), name)
				fsys[name] = &fstest.MapFile{Data: data}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Load(fsys)
			var faults content.Faults
			if !errors.As(err, &faults) || len(faults) != 1 || faults[0].File != f {
				t.Error(err)
			}
		})
	}
}

func TestDistanceCountsErrors(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"mainz", "mainz", 0},
		{"mainz", "maiz", 1},
		{"mainz", "mainnz", 1},
		{"mainz", "meinz", 1},
		{"mainz", "mianz", 1},
		{"koblenz", "kobelns", 2},
		{"koblenz", "koln", 3},
		{"", "ab", 2},
		{"маинц", "маинце", 1},
	} {
		for _, most := range []int{1, 2} {
			want := min(c.want, most+1)
			if got := distance([]rune(c.a), []rune(c.b), most); got != want {
				t.Errorf("distance(%s, %s, %d) = %d, want %d", c.a, c.b, most, got, want)
			}
			if got := distance([]rune(c.b), []rune(c.a), most); got != want {
				t.Errorf("distance(%s, %s, %d) = %d, want %d", c.b, c.a, most, got, want)
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(BuiltIn()); err != nil {
			b.Fatal(err)
		}
	}
}
