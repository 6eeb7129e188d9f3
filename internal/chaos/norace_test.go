//go:build !race

package chaos

// raceDetector says whether the program is built with the race detector, as this test is.
const raceDetector = false
