// Package bot is the domain: an [Update] comes in from a channel, the
// dialogue takes one step, and the answer goes out through the [Sender].
//
// The package knows no platform and no database. What it needs from outside
// are the interfaces [Channel], [Store], [Pacer] and [Assistant].
//
// A noun has a file of its name: [Update], [Message], [Channel], [Store], [Case],
// [Notification], [Question]. An update's way is [Engine.Handle] (engine.go),
// [Dialogue.Step] (dialogue.go), whose words are made in reply.go, and then the [Sender].
package bot
