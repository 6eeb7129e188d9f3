package network

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var seedCounselling = []string{"seed-iq-caritas-koblenz", "seed-iq-kvmyk", "seed-iq-schneider"}

func ids(list []Contact) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func TestSeedContactsAreExactlyAsGiven(t *testing.T) {
	d := directory(t)
	want := map[string]string{
		"seed-iq-caritas-koblenz": "iq@caritas-koblenz.de",
		"seed-iq-kvmyk":           "christoph.kretschmer@kvmyk.de",
		"seed-iq-schneider":       "schneider@schneider-beratung.de",
		"seed-agarp-projects":     "http://agarp.de/html/0003_projekte.html",
	}
	got := map[string]string{}
	for _, e := range d.entries {
		if e.FromSeed {
			got[e.ID] = e.Email + e.Website
			if e.AsOf != "2015-2018" || e.Land != "DE-RP" || !e.shown() || len(e.Districts) > 0 {
				t.Errorf("%s: as of %s, Land %s, districts %v, shown %v", e.ID, e.AsOf, e.Land, e.Districts, e.shown())
			}
		}
		if strings.Contains(e.Email, "bzw") {
			t.Errorf("%s: %s", e.ID, e.Email)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// rules reads network.yaml on its own, so that a fault of the loader shows.
func rules(t *testing.T) (hidden map[string]bool, topics []string) {
	t.Helper()
	data, err := os.ReadFile("data/network.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Entries []struct {
			ID, Handout, Confidence string
		}
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	hidden = map[string]bool{}
	for _, e := range file.Entries {
		hidden[e.ID] = e.Handout != "ok" || e.Confidence == "low"
	}
	table, err := os.ReadFile("data/topics.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		id, _, _ := strings.Cut(line, "\t")
		topics = append(topics, id)
	}
	return hidden, topics
}

func TestWhatMayNotBeHandedOutNeverIs(t *testing.T) {
	d := directory(t)
	hidden, topics := rules(t)
	if len(hidden) != len(d.entries) || len(topics) < 60 {
		t.Fatalf("%d entries and %d topics", len(hidden), len(topics))
	}
	lands := slices.Sorted(maps.Keys(d.regions.LandNames))
	queries := 0
	check := func(q Query) {
		queries++
		r := d.Contacts(q)
		seen := map[string]bool{}
		for _, c := range slices.Concat(r.Local, r.Nationwide) {
			if hidden[c.ID] {
				t.Errorf("%+v: %s is shown", q, c.ID)
			}
			if seen[c.ID] {
				t.Errorf("%+v: %s is shown twice", q, c.ID)
			}
			seen[c.ID] = true
			if c.ID == "zsba" && !q.Abroad && !slices.Contains(q.Topics, "apply-from-abroad") {
				t.Errorf("%+v: %s is only for people abroad", q, c.ID)
			}
		}
		if len(r.Nationwide) == 0 {
			t.Errorf("%+v: nothing nationwide", q)
		}
		home := q.District != "" || q.Land == "DE-RP"
		for _, c := range r.Local {
			if home && c.Land != "DE-RP" || !home && c.Land != q.Land {
				t.Errorf("%+v: %s is of %s", q, c.ID, c.Land)
			}
			if len(c.Districts) > 0 && !slices.Contains(c.Districts, q.District) {
				t.Errorf("%+v: %s serves %v", q, c.ID, c.Districts)
			}
		}
		for _, c := range r.Nationwide {
			if c.Land != "DE" {
				t.Errorf("%+v: %s is of %s", q, c.ID, c.Land)
			}
		}
		for _, id := range seedCounselling {
			if seen[id] != home {
				t.Errorf("%+v: %s shown: %v", q, id, seen[id])
			}
		}
	}
	for _, topic := range append(topics, "") {
		list := []string{topic}
		if topic == "" {
			list = nil
		}
		for _, abroad := range []bool{false, true} {
			for _, limit := range []int{0, 1} {
				q := Query{Topics: list, Abroad: abroad, Limit: limit}
				check(q)
				for _, x := range d.Districts() {
					q.District = x.ID
					check(q)
				}
				q.District = ""
				for _, land := range lands {
					q.Land = land
					check(q)
				}
			}
		}
	}
	t.Logf("%d queries", queries)
}

func TestContactsInOrder(t *testing.T) {
	d := directory(t)
	const koblenz, mayenKoblenz, mainz, trier = "07111", "07137", "07315", "07211"
	for _, c := range []struct {
		name        string
		q           Query
		local, wide []string
	}{
		{
			"IQ counselling in Koblenz: the Caritas first",
			Query{Topics: []string{"iq-counselling"}, District: koblenz},
			[]string{"seed-iq-caritas-koblenz", "seed-iq-kvmyk", "seed-iq-schneider"},
			[]string{"anerkennung-in-deutschland", "netzwerk-iq", "hotline-arbeiten-und-leben", "bamf-buergerservice"},
		},
		{
			"IQ counselling in Mayen-Koblenz: the district first",
			Query{Topics: []string{"iq-counselling"}, District: mayenKoblenz},
			[]string{"seed-iq-kvmyk", "seed-iq-caritas-koblenz", "seed-iq-schneider"},
			[]string{"anerkennung-in-deutschland", "netzwerk-iq", "hotline-arbeiten-und-leben", "bamf-buergerservice"},
		},
		{
			"crafts in Koblenz: the chamber, then the whole Land, then the seed",
			Query{Topics: []string{"crafts"}, District: koblenz, Limit: 3},
			[]string{"hwk-koblenz", "welcome-center-rlp", "seed-iq-caritas-koblenz", "seed-iq-kvmyk", "seed-iq-schneider"},
			[]string{"anerkennung-in-deutschland", "hotline-arbeiten-und-leben", "netzwerk-iq"},
		},
		{
			"the first topic decides",
			Query{Topics: []string{"doctors", "find-competent-authority"}, District: koblenz, Limit: 2},
			[]string{"mip-land", "lsjv-akademische-heilberufe", "seed-iq-caritas-koblenz", "seed-iq-kvmyk", "seed-iq-schneider"},
			[]string{"anerkennung-in-deutschland", "hotline-arbeiten-und-leben"},
		},
		{
			"kinds restrict, the fallback stays",
			Query{Topics: []string{"crafts"}, Kinds: []string{"authority"}, District: trier, Limit: 1},
			[]string{"hwk-trier"},
			[]string{"anerkennung-in-deutschland"},
		},
		{
			"labour law",
			Query{Topics: []string{"fair-integration"}, District: mainz},
			seedCounselling,
			[]string{"faire-integration"},
		},
		{
			"discrimination",
			Query{Topics: []string{"discrimination-help"}},
			[]string{},
			[]string{"antidiskriminierungsstelle-bund"},
		},
		{
			"a doctor who is still abroad",
			Query{Topics: []string{"doctors"}, Abroad: true},
			[]string{},
			[]string{"zsba", "hotline-arbeiten-und-leben", "anerkennung-in-deutschland"},
		},
		{
			"asking how to apply from abroad means being abroad",
			Query{Topics: []string{"apply-from-abroad"}, Limit: 2},
			[]string{},
			[]string{"zsba", "hotline-arbeiten-und-leben"},
		},
		{
			"another Land, and its offices with districts",
			Query{Topics: []string{"iq-counselling"}, Land: "DE-MV", Limit: 2},
			[]string{"iq-mv-migra"},
			[]string{"anerkennung-in-deutschland", "netzwerk-iq"},
		},
		{
			"a district that does not exist is nowhere",
			Query{Topics: []string{"iq-counselling"}, District: "99999", Limit: 1},
			[]string{},
			[]string{"anerkennung-in-deutschland"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := d.Contacts(c.q)
			if diff := cmp.Diff(c.local, ids(r.Local)); diff != "" {
				t.Error("local", diff)
			}
			if diff := cmp.Diff(c.wide, ids(r.Nationwide)); diff != "" {
				t.Error("nationwide", diff)
			}
			if diff := cmp.Diff(r, d.Contacts(c.q)); diff != "" {
				t.Error("the second time", diff)
			}
		})
	}
}

func TestConfirmedContactsAreShown(t *testing.T) {
	d := directory(t)
	q := Query{Topics: []string{"iq-counselling"}, District: "07315"}
	at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	c, err := d.Confirm(map[string]time.Time{"mip-mainz": at, "faire-integration-rlp": at})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(c.Contacts(q).Local); !slices.Equal(got, append([]string{"mip-mainz"}, seedCounselling...)) {
		t.Errorf("local: %v", got)
	}
	if got := ids(c.Contacts(Query{Topics: []string{"fair-integration"}, Land: "DE-RP"}).Local); got[0] != "faire-integration-rlp" {
		t.Errorf("confirmed in spite of low confidence: %v", got)
	}
	if x, _ := c.Contact("mip-mainz"); !x.Checked.Equal(at) || x.Old(at) {
		t.Errorf("checked %v, old %v", x.Checked, x.Old(at))
	}
	if got := ids(d.Contacts(q).Local); !slices.Equal(got, seedCounselling) {
		t.Errorf("the first directory changed: %v", got)
	}
	if slices.Contains(ids(c.NeedsCheck()), "mip-mainz") || !slices.Contains(ids(d.NeedsCheck()), "mip-mainz") {
		t.Error("NeedsCheck does not follow Confirm")
	}
}

func TestConfirmNamesEveryBadID(t *testing.T) {
	d := directory(t)
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	_, err := d.Confirm(map[string]time.Time{"nobody": now, "ihk-pfalz": now, "agarp": {}, "mip-mainz": now})
	want := "confirm contacts: agarp (no date), ihk-pfalz (not to be handed out: it has no way to reach a person), nobody (unknown)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestNeedsCheckIsWhatIsHiddenButMayBeShown(t *testing.T) {
	d := directory(t)
	hidden, _ := rules(t)
	for _, c := range d.NeedsCheck() {
		if !hidden[c.ID] {
			t.Errorf("%s is shown already", c.ID)
		}
		delete(hidden, c.ID)
	}
	for id, h := range hidden {
		c, ok := d.Contact(id)
		if !ok {
			t.Errorf("there is no %s", id)
		}
		if h && c.Email+c.Phone+c.Street+c.Website != "" && id != "iq-sl-fitt" { // its page names no contact
			t.Errorf("%s is hidden and can never be confirmed", id)
		}
	}
	if _, ok := d.Contact("nobody"); ok {
		t.Error("found nobody")
	}
}

func TestOld(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		asOf    string
		checked time.Time
		old     bool
	}{
		{"undated", time.Time{}, true},
		{"2015-2018", time.Time{}, true},
		{"2023-2025", time.Time{}, true}, // past, although less than two years ago
		{"2024-2026", time.Time{}, false},
		{"2024", time.Time{}, true}, // may be January
		{"2025", time.Time{}, false},
		{"2024-11", time.Time{}, true},
		{"2024-12", time.Time{}, false},
		{"2024-11-23", time.Time{}, true},
		{"2024-11-25", time.Time{}, false},
		{"undated", now.AddDate(0, -6, 0), false},
		{"2015-2018", now.AddDate(-1, 0, 0), false},
		{"2015-2018", now.AddDate(-3, 0, 0), true},
		{"", time.Time{}, true},
	} {
		if got := (Contact{AsOf: c.asOf, Checked: c.checked}).Old(now); got != c.old {
			t.Errorf("as of %s, checked %v: old = %v", c.asOf, c.checked, got)
		}
	}
}

func BenchmarkContacts(b *testing.B) {
	d := directory(b)
	q := Query{Topics: []string{"find-competent-authority", "crafts"}, District: "07111", Limit: 5}
	b.ReportAllocs()
	for b.Loop() {
		d.Contacts(q)
	}
}
