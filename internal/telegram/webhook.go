package telegram

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"iqbot/bot"
)

// secretHeader carries the webhook's secret. Source: Bot API, setWebhook, field secret_token.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// webhookRetry is the Retry-After, in seconds, of an update that could not be
// taken. Telegram otherwise doubles its pause up to two minutes.
const webhookRetry = "2"

var secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// Webhook returns the handler for the requests that Telegram makes after
// [Client.SetWebhook] with the same secret. With an empty secret it refuses everything.
//
// It answers 200 only after handle returned nil, so that Telegram repeats what
// was not taken: 503 with Retry-After says that handle failed. Handle gets one
// update a call and is called by many requests at once; an update may come
// again, and a message and a tap of one person may swap. Updates that are
// malformed or not for this bot are counted and answered with 200, because
// repeating them would not make them better. The answer to a pressed button
// also ends the waiting sign on it; that of one that was not taken ends when it comes again.
//
// Requests of others get 401 (no or wrong secret), 405, 413 (over 1 MiB), 415 or 400.
func (c *Client) Webhook(secret string, handle func(ctx context.Context, updates []bot.Update) error) http.Handler {
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		got := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 || secret == "" {
			c.stats.refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if !isJSON(r.Header.Get("Content-Type")) {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		var body bytes.Buffer
		if r.ContentLength > 0 && r.ContentLength <= maxBody {
			body.Grow(int(r.ContentLength) + bytes.MinRead)
		}
		if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			status := http.StatusBadRequest
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				status = http.StatusRequestEntityTooLarge
			}
			w.WriteHeader(status)
			return
		}
		d, err := c.receive(r.Context(), body.Bytes())
		if err == nil && d.mine {
			if err := handle(r.Context(), []bot.Update{d.update}); err != nil {
				c.stats.handlerErrors.Add(1)
				c.log.WarnContext(r.Context(), "an update cannot be taken now; Telegram repeats it", "error", err)
				w.Header().Set("Retry-After", webhookRetry)
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		if d.query != "" {
			// The answer to the request may hold one call: it costs nothing to end
			// the waiting sign of the button with it.
			// Source: Bot API, section "Making requests when getting updates".
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, encode(map[string]string{"method": "answerCallbackQuery", "callback_query_id": d.query}))
		}
	})
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}

// SetWebhook has Telegram deliver updates to address from now on. The secret
// is 1 to 256 of A-Z a-z 0-9 _ -. MaxConnections is at most
// [MaxWebhookConnections]; if zero, Telegram's default of 40. It may be called on every start: when
// nothing changes, nothing is lost and the updates that wait are kept. Telegram itself
// takes https addresses only; a server of one's own may take http.
func (c *Client) SetWebhook(ctx context.Context, address, secret string, maxConnections int) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || c.base.String() == DefaultAPIURL+"/") {
		return errors.New("the webhook URL is not an absolute https address")
	}
	if !secretForm.MatchString(secret) {
		return errors.New("the webhook secret is not 1 to 256 of the signs A-Z a-z 0-9 _ -")
	}
	if maxConnections < 0 || maxConnections > MaxWebhookConnections {
		return fmt.Errorf("the webhook's connections are not 1 to %d", MaxWebhookConnections)
	}
	// Asking first whether it is set would not help: Telegram does not tell the secret.
	params := tgbotapi.Params{"url": address, "secret_token": secret, "allowed_updates": allowedUpdates}
	params.AddNonZero("max_connections", maxConnections)
	return c.get(ctx, "setWebhook", params, nil)
}

// WebhookState is what Telegram says about the delivery to a webhook.
type WebhookState struct {
	Set     bool
	Pending int // updates that wait
}

// WebhookInfo asks for it.
func (c *Client) WebhookInfo(ctx context.Context) (WebhookState, error) {
	var info tgbotapi.WebhookInfo
	if err := c.get(ctx, "getWebhookInfo", nil, &info); err != nil {
		return WebhookState{}, err
	}
	return WebhookState{Set: info.IsSet(), Pending: info.PendingUpdateCount}, nil
}
