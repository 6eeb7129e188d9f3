package rank

import (
	"math"
	"slices"
	"sync"
)

// neighbours finds the nearest examples. Its rows are the examples, those of a
// class together; of each feature it knows the rows that have it.
type neighbours struct {
	ends  []int32 // of the rows of each class
	start []int32 // of what has feature f: rows[start[f]:start[f+1]]
	rows  []int32
	parts []uint8   // of a unit vector, in steps of 1/255
	like  sync.Pool // of *[]float32, one a row: a new one for each question would be most of its memory
}

const partSteps = math.MaxUint8

// newNeighbours takes in the first n examples of c.
func newNeighbours(c *corpus, n, classes, features int) *neighbours {
	nb := &neighbours{ends: make([]int32, classes), start: make([]int32, features+1)}
	nb.like.New = func() any {
		like := make([]float32, n)
		return &like
	}
	for _, k := range c.class[:n] {
		nb.ends[k]++
	}
	for k := range classes - 1 {
		nb.ends[k+1] += nb.ends[k]
	}
	known := c.features[:c.start[n]]
	for _, f := range known {
		nb.start[f.id+1]++
	}
	for f := range features {
		nb.start[f+1] += nb.start[f]
	}
	nb.rows, nb.parts = make([]int32, len(known)), make([]uint8, len(known))
	row := append([]int32{0}, nb.ends...) // the next of each class
	next := slices.Clone(nb.start)
	for i, k := range c.class[:n] {
		for _, f := range c.vector(i) {
			at := next[f.id]
			nb.rows[at], nb.parts[at] = row[k], uint8(math.Round(float64(f.part*partSteps)))
			next[f.id]++
		}
		row[k]++
	}
	return nb
}

// nearest returns how like a text is to the nearest example of each class: the cosine, 0 to 1.
//
//go:norace
func (nb *neighbours) nearest(vec []feature) []float32 {
	pooled, _ := nb.like.Get().(*[]float32)
	defer nb.like.Put(pooled)
	like := *pooled
	clear(like)
	for _, f := range vec {
		from, to := nb.start[f.id], nb.start[f.id+1]
		rows, parts := nb.rows[from:to], nb.parts[from:to]
		x := f.part / partSteps
		for i, row := range rows {
			like[row] += x * float32(parts[i])
		}
	}
	best := make([]float32, len(nb.ends))
	from := int32(0)
	for c, to := range nb.ends {
		most := float32(0)
		for _, l := range like[from:to] {
			if l > most { // max would look out for NaN, too
				most = l
			}
		}
		best[c], from = most, to
	}
	return best
}
