package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// refusal makes an ErrRefused of an answer of Redis that stays the same however
// often it is asked, and says what to do. Other errors it returns as they are.
func refusal(err error) error {
	var cure string
	switch {
	case err == nil:
		return nil
	case redis.IsAuthError(err):
		cure = "write the right user and password into REDIS_URL"
	case redis.IsPermissionError(err) || says(err, "ACL failure in script") || says(err, "The user executing the script can't"):
		cure = "allow the user of REDIS_URL all but @admin and @dangerous, and INFO, on the keys iq:* and rate:iq:*"
	case says(err, "DB index"), says(err, "SELECT is not allowed in cluster mode"):
		cure = "end REDIS_URL with a database that the server has, such as /0"
	case says(err, "cluster support disabled"):
		cure = "write REDIS_URL as that of one server: without +cluster, without ?cluster=true and with one host"
	default:
		return err
	}
	return fmt.Errorf("%w: %w; %s", ErrRefused, err, cure)
}

// says tells whether err is an answer of Redis with these words, for which there is no code.
func says(err error, words string) bool {
	var answer redis.Error
	return errors.As(err, &answer) && strings.Contains(answer.Error(), words)
}
