// Command iqbot runs the chatbot service, holds a conversation in a terminal,
// and checks the content.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"iqbot/internal/ops"
)

func main() {
	ops.TuneMemory(os.Getenv, 0) // until serve knows the languages
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], world{getenv: os.Getenv, in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// world is what a command sees outside itself, so that a test can be it.
type world struct {
	getenv   func(string) string
	in       io.Reader
	out, err io.Writer
}

// commands are the subcommands; the help tags are their documentation.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the service."`
	Chat    chatCommand    `cmd:"" help:"Hold a conversation in the terminal, or through a pipe."`
	Check   checkCommand   `cmd:"" help:"Check settings, flows, texts, articles and the directory."`
	Test    testCommand    `cmd:"" help:"Play written conversations against the flows."`
	Record  recordCommand  `cmd:"" help:"Hold a conversation and write it down as a transcript."`
	Eval    evalCommand    `cmd:"" help:"Measure how well questions are answered."`
	Flows   flowsCommand   `cmd:"" help:"See, compare and begin flows."`
	Content contentCommand `cmd:"" help:"Write out what is built in, to be changed."`
	Health  healthCommand  `cmd:"" help:"Ask a running service whether it is alive; for a container's health check."`

	Keys      keysCommand      `cmd:"" help:"Make, rotate and retire the keys that encrypt what is stored."`
	Session   sessionCommand   `cmd:"" help:"Look at the dialogue of one person, without its content, or free it."`
	Questions questionsCommand `cmd:"" help:"Work through the questions that people left for the editors."`
	Outbox    outboxCommand    `cmd:"" help:"List the messages that wait or could not be delivered."`
}

// helpShown is what kong's exit panics with after it has shown help.
type helpShown struct{}

// run carries out one command line. It blocks until the command is done or ctx ends.
func run(ctx context.Context, args []string, w world) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil, helpShown:
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("iqbot"),
		kong.Description("A multilingual chatbot for the recognition of foreign qualifications and the offers of IQ."),
		kong.Writers(w.out, w.err),
		kong.Exit(func(int) { panic(helpShown{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(w),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	line, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w; iqbot --help lists the commands", err)
	}
	return line.Run()
}
