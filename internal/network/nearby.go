package network

import (
	"cmp"
	"math"
	"slices"

	"iqbot/internal/content"
)

// maxDistance is how far the nearest districts may be, in kilometres: the
// largest districts measure about 60 km across.
const maxDistance = 60

// Nearby returns up to n districts around a point, in degrees north and east,
// the nearest first; none if the point is far from all.
func (d *Directory) Nearby(latitude, longitude float64, n int) []District {
	distance := map[string]float64{}
	var found []District
	for _, district := range d.districts {
		p := d.points[district.ID]
		// On a map as small as that of a Land, degrees lie in a plane.
		const km = 111.2 // of a degree
		away := math.Hypot((p[0]-latitude)*km, (p[1]-longitude)*km*math.Cos(latitude*math.Pi/180))
		if away <= maxDistance {
			distance[district.ID] = away
			found = append(found, district)
		}
	}
	slices.SortStableFunc(found, func(a, b District) int { return cmp.Compare(distance[a.ID], distance[b.ID]) })
	return found[:min(n, len(found))]
}

// loadPoints reads where the districts lie; each must have a point.
func (d *Directory) loadPoints(r *content.Reader) {
	doc := r.YAML("points.yaml", &d.points)
	for _, district := range d.districts {
		if _, ok := d.points[district.ID]; !ok && doc.OK() {
			doc.Fault(nil, "district %s, %s, has no point", district.ID, district.Name)
		}
	}
}
