// Package handoff tells advisors about cases.
//
// When a person asks for an advisor and agrees to it, the store keeps a case
// and one notification for each target. The [Worker] takes the notifications
// that are due, gives each to the notifier of its target and tells the store
// how it went. There are two notifiers: [ChatNotifier] writes to the advisors'
// chat on Telegram, [MailNotifier] to a mailbox. Both write in German, in words
// from the catalogue, see [Renderer].
//
// # Delivered at least once
//
// A notification that failed is tried again, at longer and longer intervals,
// for as long as the case exists: a person is waiting for a call. So a target
// may hear twice of one case, when it took a notification and its answer was
// lost, or when the second of two messages failed. Every notification names
// the number of its case, and a repetition says that it is one; a mail has the
// same Message-ID each time, by which many mailboxes drop the second.
//
// # When a target takes nothing
//
// One that refuses for good (a group that is gone, a mailbox that does not exist) is
// asked once an hour. One that has taken nothing for ten minutes since a try that
// failed counts as failing: [Worker.Targets] says so, and the log, once for all
// processes. A person whose case has reached no target for an hour, or is refused by
// all of them for good, is told so, once.
//
// # Privacy
//
// The notification is the only place where a person's words and number leave
// the service. The subject of a mail holds the case number only; logs hold the
// case number, the target, the count of tries and the error, and errors hold
// neither words nor addresses nor passwords. When a person erases their data or
// withdraws a case, the messages about it in the advisors' chat are deleted, or
// emptied where the platform does not let a bot delete them any more; and targets that may
// have heard of the case are told to forget it, in a notification that holds nothing
// but the number. Mails cannot be taken back.
package handoff

// MailTarget is the name of the notifier that writes mails, which is its target
// in the store. That of the advisors' chat is its channel's.
const MailTarget = "email"
