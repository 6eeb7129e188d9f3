package flow

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeedsSayWhatIsToBeDone(t *testing.T) {
	type done struct {
		Brief           string
		Erase, Withdraw bool
	}
	wants := map[EffectKind]done{
		EffectDelete:   {"<delete-data> d.done =  nowhere", true, false},
		EffectExport:   {"<export-data> d.done m.ask = en menu/choose", false, false},
		EffectWithdraw: {"<withdraw-cases> d.done m.ask = en menu/choose", false, true},
	}
	for _, deed := range deeds {
		res := play(t, "steps:\n  first: {do: "+string(deed.kind)+", next: second}\n  second: {say: d.done, next: end}\n").last
		if diff := cmp.Diff(wants[deed.kind], done{brief(res), res.Erase, res.Withdraw}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", deed.kind, diff)
		}
	}
}
