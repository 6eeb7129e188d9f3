package store

import (
	"errors"
	"strings"
	"testing"

	"iqbot/internal/store/redistest"
)

// What does not pass by waiting must not be waited for.
func TestOpenIsRefused(t *testing.T) {
	t.Parallel()
	server, admin := redistest.Start(t), redistest.Start(t)
	if err := server.Client().ConfigSet(t.Context(), "requirepass", "s3cret").Err(); err != nil {
		t.Fatal(err)
	}
	for _, user := range [][]any{
		{"acl", "setuser", "noscripts", "on", ">s3cret", "~iq:*", "~rate:iq:*", "+@all", "-@scripting"},
		{"acl", "setuser", "nokeys", "on", ">s3cret", "~other:*", "+@all"},
		{"acl", "setuser", "nohash", "on", ">s3cret", "~iq:*", "~rate:iq:*", "+@all", "-hset", "-hsetnx", "-hmget", "-hget", "-hmset"},
		{"acl", "setuser", "enough", "on", ">s3cret", "~iq:*", "~rate:iq:*", "+@all", "-@admin", "-@dangerous", "+info"},
	} {
		if err := admin.Client().Do(t.Context(), user...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for url, cure := range map[string]string{
		"redis://" + server.Addr:                              "user and password",
		"redis://:s3cretwrong@" + server.Addr:                 "user and password",
		"redis://noscripts:s3cretwrong@" + admin.Addr:         "user and password",
		"redis://noscripts:s3cret@" + admin.Addr:              "allow the user",
		"redis://nokeys:s3cret@" + admin.Addr:                 "allow the user",
		"redis://nohash:s3cret@" + admin.Addr:                 "allow the user",
		"redis://" + admin.Addr + "/99":                       "a database that the server has",
		"redis://" + admin.Addr + "?cluster=true":             "one server",
		"redis://" + server.Addr + "?cluster=true":            "user and password",
		"redis://enough:s3cret@" + admin.Addr:                 "",
		"redis://:s3cret@" + server.Addr + "?client_name=iqb": "",
	} {
		s, err := Open(t.Context(), Options{URL: url, Sealer: Plain{}, HashSecret: make([]byte, minSecret)})
		switch {
		case cure == "" && err != nil:
			t.Errorf("%s: %v", url, err)
		case cure == "":
			if err := s.Ping(t.Context()); err != nil {
				t.Errorf("%s: what is advised is not enough: %v", url, err)
			}
			_ = s.Close()
		case !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), cure) || strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%s: error %v, want a refusal with %q", url, err, cure)
		}
	}
}

func TestARefusalEndsNoRunningStore(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s, err := Open(t.Context(), Options{URL: server.URL(), Sealer: Plain{}, HashSecret: make([]byte, minSecret)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := server.Client().Do(t.Context(), "acl", "setuser", "default", "-@write").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("error %v", err)
	}
	if err := server.Client().Do(t.Context(), "acl", "setuser", "default", "+@write").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
}
