package chaos

import (
	"flag"
	"time"
)

var (
	people   = flag.Int("chaos.people", 12, "how many people talk at once in each scenario")
	duration = flag.Duration("chaos.for", 3*time.Second, "how long failures go on in each scenario, at the least: each kind of them happens")
	waits    = flag.Bool("chaos.waits", false, "fail when an answer takes too long; only for a machine that does nothing else")
	seed     = flag.Uint64("chaos.seed", 0, "seed of the chance; 0 for a new one")
	logs     = flag.String("chaos.log", "", "folder for the logs of the program; they hold no personal data")
)

const (
	// token has the form of a real one.
	token = "123456789:TEST-token_of_the_fake_server_abcde"
	// advisors is the group that hears of cases.
	advisors = -1009876543210
	// firstPerson is long enough not to stand in a log by chance.
	firstPerson = 7_310_000_000
	// patience is how long one answer may take: a lease of a killed sender, a
	// kill of its successor, and a busy machine. Nothing that must happen is
	// waited for less long; it is no measure of speed.
	patience = 3 * time.Minute
)

// Chances of each call or delivery to go wrong while there is trouble.
const (
	duplicated = 0.2
	refused    = 0.02 // for each of 429, 500 and 502
	cutBefore  = 0.02
	cutAfter   = 0.02
)

// answerTime is how long the platform takes for a message, at most; the real
// one takes as long, and a kill must be able to hit a message under way.
const answerTime = 60 * time.Millisecond
