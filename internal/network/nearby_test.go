package network

import "testing"

func TestNearby(t *testing.T) {
	d, err := Load(BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		latitude, longitude float64
		first               string // "" if none is near
	}{
		"Deutsches Eck":    {50.3644, 7.6056, "07111"},
		"Porta Nigra":      {49.7597, 6.6441, "07211"},
		"Mayen":            {50.3280, 7.2230, "07137"},
		"Mainz cathedral":  {49.9987, 8.2741, "07315"},
		"Berlin":           {52.5200, 13.4050, ""},
		"nowhere on earth": {1e9, -1e9, ""},
	} {
		got := d.Nearby(tt.latitude, tt.longitude, 4)
		if tt.first == "" {
			if len(got) > 0 {
				t.Errorf("%s: %v", name, got)
			}
			continue
		}
		if len(got) != 4 || got[0].ID != tt.first {
			t.Errorf("%s: %v, want %s first", name, got, tt.first)
		}
	}
}
