// Package bot is the domain: an [Update] comes in from a channel, the
// dialogue takes one step, and the answer goes out through the [Sender].
//
// The package knows no platform and no database. What it needs from outside
// are the interfaces [Channel], [Store], [Pacer] and [Assistant].
package bot
