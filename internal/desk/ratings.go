package desk

import (
	"context"
	"fmt"
	"slices"

	"iqbot/bot"
)

// Ratings returns what people think of the articles, those first that most did
// not find helpful; of equals, by topic and language.
func (d *Desk) Ratings(ctx context.Context) ([]bot.Rated, error) {
	rated, err := d.o.Store.Ratings(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ratings: %w", err)
	}
	slices.SortStableFunc(rated, func(a, b bot.Rated) int { return b.Unhelpful - a.Unhelpful })
	return rated, nil
}
