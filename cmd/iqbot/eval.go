package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"iqbot/internal/answer"
)

type evalCommand struct {
	contentFlag
	File string `arg:"" help:"Table of questions with their right topics." type:"existingfile"`
	Out  string `help:"File to write what was found to, one line a question." placeholder:"FILE" type:"path"`
}

// Help says what the table and the output are.
func (evalCommand) Help() string {
	return "Asks every question of a table and prints how well the articles were found, by language and style, and which topics " +
		"were confused. The table has tabs between its columns: id, lang, question, topic and perhaps style; several right topics " +
		"are joined by |, and none or smalltalk stands where no article is right. --out writes id, topic1, topic2, topic3 and " +
		"answered: yes if an article would be shown at once."
}

// Run asks and measures.
func (cmd evalCommand) Run(_ context.Context, w world) (err error) {
	_, content, err := cmd.start(w)
	if err != nil {
		return err
	}
	in, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	cases, err := answer.ReadCases(in, cmd.File, content.Articles.Topics())
	if err != nil {
		return err
	}
	evaluation := answer.Evaluate(content.Index.Find, cases)
	if cmd.Out != "" {
		if err := writeResults(cmd.Out, cases, evaluation.Results); err != nil {
			return err
		}
	}
	return evaluation.Write(w.out)
}

// writeResults makes a file with one line for each question.
func writeResults(file string, cases []answer.Case, results []answer.Result) (err error) {
	f, err := os.Create(file) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := bufio.NewWriter(f)
	_, _ = io.WriteString(b, "id\ttopic1\ttopic2\ttopic3\tanswered\n") // the error comes from Flush
	for i, c := range cases {
		var topics [3]string
		for k, candidate := range results[i].Ranked[:min(len(topics), len(results[i].Ranked))] {
			topics[k] = candidate.Topic
		}
		answered := "no"
		if results[i].Outcome == answer.Found {
			answered = "yes"
		}
		_, _ = fmt.Fprintf(b, "%s\t%s\t%s\t%s\t%s\n", c.ID, topics[0], topics[1], topics[2], answered)
	}
	return b.Flush()
}
