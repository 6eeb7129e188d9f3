package network

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// placeCases are what people write and what it means: "=" is exact, "~" a guess.
var placeCases = []struct {
	text string
	want []string
}{
	// Postcodes.
	{"56068", []string{"=Koblenz"}},
	{"D-56068 Koblenz", []string{"=Koblenz"}},
	{"D56068", []string{"=Koblenz"}},
	{"PLZ: 56727", []string{"=Mayen (Landkreis Mayen-Koblenz)"}},
	{"٥٦٠٦٨", []string{"=Koblenz"}},
	{"۵۶۰۶۸", []string{"=Koblenz"}},
	{"56068 Koblenz", []string{"=Koblenz"}},
	{"56068 Koblens", []string{"=Koblenz"}},
	{"56068 Mainz", []string{"=Koblenz", "=Mainz", "~Landkreis Mainz-Bingen"}},
	{"56745", []string{"=Landkreis Ahrweiler", "=Landkreis Mayen-Koblenz"}}, // shared
	{"56745 Bell", []string{"=Bell (Landkreis Mayen-Koblenz)"}},
	{"Bell, 56745", []string{"=Bell (Landkreis Mayen-Koblenz)"}},
	{"76829", []string{"=Landau in der Pfalz", "~Landkreis Südliche Weinstraße"}}, // shared, with a default
	{"76829 Siebeldingen", []string{"=Siebeldingen (Landkreis Südliche Weinstraße)"}},
	{"65391", []string{"=Rhein-Lahn-Kreis", "=Hessen"}}, // shared with another Land
	{"51598", []string{"=Landkreis Altenkirchen (Westerwald)"}},
	{"56099", []string{"~Koblenz"}},         // known by its beginning
	{"56999", []string{"=Rheinland-Pfalz"}}, // only the Land is known
	{"65399", []string{"~Hessen", "~Rheinland-Pfalz"}},
	{"55246", []string{"=Wiesbaden (Hessen)"}},
	{"53111", []string{"=Nordrhein-Westfalen"}},
	{"10115", []string{"=Berlin"}},
	{"12045", []string{"=Berlin", "~Brandenburg"}},
	{"34117", []string{"~Hessen", "~Nordrhein-Westfalen", "~Niedersachsen"}},
	{"60311 Frankfurt", []string{"=Frankfurt am Main (Hessen)"}},
	{"60311 Frankfrut", []string{"=Frankfurt am Main (Hessen)"}}, // the postcode makes it certain
	{"15230 Frankfurt", []string{"=Frankfurt (Oder), Brandenburg"}},
	{"00000", nil},
	{"5606", nil},
	{"560681", nil},
	{"5", nil},

	// Towns, with homonyms.
	{"Koblenz", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"KOBLENZ!!", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"Koblenz am Rhein", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"ich wohne in Mayen", []string{"=Mayen (Landkreis Mayen-Koblenz)"}},
	{"Ich wohne in Mayen und arbeite in Koblenz", []string{"=Mayen (Landkreis Mayen-Koblenz)", "=Koblenz"}},
	{"Mayen-Koblenz", []string{"=Landkreis Mayen-Koblenz"}},
	{"Landau", []string{"=Landau in der Pfalz", "~Landkreis Südliche Weinstraße", "~Landau an der Isar (Bayern)"}},
	{"Landau in der Pfalz", []string{"=Landau in der Pfalz"}},
	{"Landau, Bayern", []string{"~Landau an der Isar (Bayern)"}},
	{"Neustadt", []string{"~Neustadt an der Weinstraße", "~Neustadt (Wied), Landkreis Neuwied", "~Neustadt (Westerwald), Westerwaldkreis"}},
	{"67433 Neustadt", []string{"=Neustadt an der Weinstraße"}},
	{"Frankenthal", []string{"~Frankenthal (Pfalz)", "~Frankenthal (Sachsen)"}},
	{"Mainz-Kastel", []string{"=Wiesbaden (Hessen)"}},
	{"Simmern", []string{"=Simmern (Rhein-Hunsrück-Kreis)", "=Simmern (Westerwaldkreis)"}},
	{"Frankfurt", []string{"=Frankfurt am Main (Hessen)", "=Frankfurt (Oder), Brandenburg"}},
	{"Frankfurt/Oder", []string{"=Frankfurt (Oder), Brandenburg"}},
	{"Frankfurt in Hessen", []string{"=Frankfurt am Main (Hessen)"}},
	{"Hamm", []string{"=Hamm (Nordrhein-Westfalen)", "=Hamm, Landkreis Altenkirchen (Westerwald)", "=Hamm (Eifelkreis Bitburg-Prüm)", "=Hamm (Landkreis Alzey-Worms)"}},
	{"Bingen", []string{"=Bingen am Rhein (Landkreis Mainz-Bingen)"}},
	{"Kreuznach", []string{"=Bad Kreuznach (Landkreis Bad Kreuznach)"}},
	{"St. Goar", []string{"=Sankt Goar (Rhein-Hunsrück-Kreis)"}},
	{"Idaroberstein", []string{"=Idar-Oberstein (Landkreis Birkenfeld)"}},
	{"Hoehr Grenzhausen", []string{"=Höhr-Grenzhausen (Westerwaldkreis)"}},
	{"zweibruecken", []string{"=Zweibrücken"}},
	{"Zweibrucken", []string{"=Zweibrücken"}},
	{"Weissenthurm", []string{"=Weißenthurm (Landkreis Mayen-Koblenz)"}},
	{"Muenchen", []string{"=München (Bayern)"}},
	{"Munchen", []string{"=München (Bayern)"}},
	{"Munich", []string{"=München (Bayern)"}},
	{"Münster", []string{"=Münster (Nordrhein-Westfalen)"}},

	// Districts and Länder.
	{"Kreis Neuwied", []string{"=Landkreis Neuwied"}},
	{"LK Mayen-Koblenz", []string{"=Landkreis Mayen-Koblenz"}},
	{"MYK", []string{"=Landkreis Mayen-Koblenz"}},
	{"Westerwald", []string{"=Westerwaldkreis"}},
	{"im Hunsrück", []string{"=Rhein-Hunsrück-Kreis"}},
	{"RLP", []string{"=Rheinland-Pfalz"}},
	{"Trier, Rheinland-Pfalz", []string{"=Trier", "~Landkreis Trier-Saarburg"}},
	{"NRW", []string{"=Nordrhein-Westfalen"}},
	{"I live in Bavaria", []string{"=Bayern"}},
	{"Bremen", []string{"=Bremen"}},

	// Typing errors.
	{"Koblens", []string{"~Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"Kobelnz", []string{"~Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"Maiz", []string{"~Mainz", "~Landkreis Mainz-Bingen"}},
	{"Andernahc", []string{"~Andernach (Landkreis Mayen-Koblenz)"}},
	{"ich lebe in Pirmasenz", []string{"~Pirmasens"}},
	{"Kaiserslauten", []string{"~Kaiserslautern", "~Kaiserslautern (Landkreis Kaiserslautern)"}},
	{"Speier", []string{"~Speyer"}},

	// Other scripts.
	{"كوبلنز", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"أنا أسكن في ماينز", []string{"=Mainz", "~Landkreis Mainz-Bingen"}},
	{"أعيش في مدينة أندرناخ", []string{"=Andernach (Landkreis Mayen-Koblenz)"}},
	{"кобленц", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"я живу в Кобленце", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"живу у Кобленці", []string{"=Koblenz", "~Landkreis Mayen-Koblenz"}},
	{"в Трире", []string{"=Trier", "~Landkreis Trier-Saarburg"}},
	{"Шпаєр", []string{"=Speyer"}},
	{"Людвигсхафен", []string{"=Ludwigshafen am Rhein", "~Rhein-Pfalz-Kreis", "~Bodman-Ludwigshafen (Baden-Württemberg)"}},
	{"Мюнхен, Бавария", []string{"=München (Bayern)"}},

	// Everyday words and nothing at all.
	{"Wissen", []string{"=Wissen, Landkreis Altenkirchen (Westerwald)"}},
	{"ich wohne in Wissen an der Sieg", []string{"=Wissen, Landkreis Altenkirchen (Westerwald)"}},
	{"ich möchte wissen ob ich hier richtig bin mit meiner Frage", nil},
	{"ich will etwas essen", nil},
	{"keine Ahnung", nil},
	{"Deutschland", nil},
	{"", nil},
	{"!?", nil},
}

func shown(places []Place) (out []string) {
	for _, p := range places {
		if p.Exact {
			out = append(out, "="+p.Name)
		} else {
			out = append(out, "~"+p.Name)
		}
	}
	return out
}

func TestFindPlaces(t *testing.T) {
	d := directory(t)
	for _, c := range placeCases {
		if diff := cmp.Diff(c.want, shown(d.FindPlaces(c.text))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.text, diff)
		}
	}
}

// TestEveryPlaceIsFound asks for every name and postcode of the data.
func TestEveryPlaceIsFound(t *testing.T) {
	d := directory(t)
	for _, x := range d.regions.Districts {
		in := func(p Place) bool { return p.District == x.AGS }
		names := slices.Concat([]string{x.Name}, x.Aliases, x.Places, x.Codes)
		for code := range x.Shared {
			names = append(names, code)
		}
		for _, town := range x.Towns {
			names = append(names, town.Name)
		}
		for _, name := range names {
			if got := d.FindPlaces(name); !slices.ContainsFunc(got, in) {
				t.Errorf("%s of %s: %v", name, x.Name, got)
			}
		}
	}
}

func TestFindPlacesIsBounded(t *testing.T) {
	d := directory(t)
	for _, text := range []string{
		strings.Repeat("Hamm, ", 1000),
		"Mainz, Trier, Koblenz, Worms, Speyer, Landau, Mayen, Bingen, Alzey, Konz, Daun, Prüm",
		strings.Repeat("x", 100_000),
		strings.Repeat("ё", 100_000),
	} {
		if got := d.FindPlaces(text); len(got) > MaxPlaces {
			t.Errorf("%.20s…: %d places", text, len(got))
		}
	}
	if got := d.FindPlaces("Mainz, Trier, Koblenz, Worms, Speyer, Landau, Mayen, Bingen, Alzey"); len(got) != MaxPlaces {
		t.Errorf("%d places, want the limit to be reached", len(got))
	}
}

func FuzzFindPlaces(f *testing.F) {
	for _, c := range placeCases {
		f.Add(c.text)
	}
	d := directory(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := d.FindPlaces(text)
		if len(got) > MaxPlaces {
			t.Errorf("%d places", len(got))
		}
		seen := map[Place]bool{}
		for _, p := range got {
			x, ok := d.District(p.District)
			if p.District != "" && (!ok || p.Land != homeLand || !utf8.ValidString(p.Name) || x.Name == "") {
				t.Errorf("%+v is in no district", p)
			}
			if p.Name == "" || d.regions.LandNames[p.Land] == "" {
				t.Errorf("%+v has no name or Land", p)
			}
			p.Exact = false
			if seen[p] {
				t.Errorf("%+v stands twice", p)
			}
			seen[p] = true
		}
		if diff := cmp.Diff(got, d.FindPlaces(text)); diff != "" {
			t.Error("the second time", diff)
		}
	})
}

func BenchmarkFindPlaces(b *testing.B) {
	d := directory(b)
	for _, c := range []struct{ name, text string }{
		{"postcode", "56068"},
		{"name", "ich wohne in Mayen"},
		{"mistyped", "Kobelnz"},
		{"arabic", "أنا أسكن في ماينز"},
		{"long", strings.Repeat("Guten Tag, ich suche jemanden der mir hilft und lebe in Pirmasenz ", 10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.FindPlaces(c.text)
			}
		})
	}
}
