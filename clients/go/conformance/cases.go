package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
	"github.com/phoenix-coupons/phoenix-coupons/clients/go/internal/signature"
)

type testCase struct {
	Name     string            `json:"name"`
	As       credential        `json:"as"`
	Call     string            `json:"call"`
	Request  json.RawMessage   `json:"request"`
	Requests []json.RawMessage `json:"requests"`
	Take     int               `json:"take"`
	Address  string            `json:"address"`
	Timeout  float64           `json:"timeout"`
	Closed   bool              `json:"closed"`
	Local    bool              `json:"local"`
	Show     []string          `json:"show"`
	Save     map[string]string `json:"save"`
	Pages    *pages            `json:"pages"`
	Sign     *vector           `json:"sign"`
}

type pages struct {
	Items string `json:"items"`
	Show  string `json:"show"`
}

type vector struct {
	Secret    string `json:"secret"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Timestamp string `json:"timestamp"`
	Body      []byte `json:"body"`
}

type credential struct {
	Kind     string  `json:"kind"`
	Key      string  `json:"key"`
	KeyID    string  `json:"key_id"`
	TenantID string  `json:"tenant_id"`
	Secret   string  `json:"secret"`
	UserID   *string `json:"user_id"`
	Lifetime float64 `json:"lifetime"`
	Token    string  `json:"token"`
}

// execute returns the line of one case, and sets the variables that the case saves.
func execute(text []byte, known variables) (any, error) {
	one, err := parse(text, known)
	if err != nil {
		return nil, err
	}
	if one.Sign != nil {
		return one.signature(), nil
	}
	return one.call(known)
}

func parse(text []byte, known variables) (testCase, error) {
	var keys map[string]any
	if err := decode(text, &keys); err != nil {
		return testCase{}, err
	}
	// It is not for runners, and its strings are none to replace.
	delete(keys, "expect")
	replaced, err := known.replace(keys)
	if err != nil {
		return testCase{}, err
	}
	if text, err = json.Marshal(replaced); err != nil {
		return testCase{}, err
	}
	one := testCase{Request: json.RawMessage("{}"), Address: known["address"], Timeout: 10}
	err = decode(text, &one)
	return one, err
}

func (c *testCase) signature() any {
	v := c.Sign
	return map[string]any{
		"name":      c.Name,
		"signature": signature.Of(v.Secret, v.Method, v.Path, v.Timestamp, v.Body),
	}
}

func (c *testCase) timeout() time.Duration {
	return seconds(c.Timeout)
}

func seconds(count float64) time.Duration {
	return time.Duration(count * float64(time.Second))
}

// make returns the credential, or why the client refuses to make it.
func (c *credential) make() (made coupons.Credential, refused error, err error) {
	var options []coupons.TokenOption
	if c.Lifetime != 0 {
		options = append(options, coupons.WithLifetime(seconds(c.Lifetime)))
	}
	switch c.Kind {
	case "api_key":
		made, refused = coupons.NewAPIKey(c.Key)
	case "admin_jwt":
		made, refused = coupons.NewAdminToken(c.KeyID, c.Key, options...)
	case "tenant_jwt":
		token, refused := coupons.NewTenantToken(c.TenantID, c.Secret, options...)
		if refused == nil && c.UserID != nil {
			token = token.ForUser(*c.UserID)
		}
		return token, refused, nil
	case "hmac":
		made, refused = coupons.NewHMAC(c.TenantID, c.Secret)
	case "bearer":
		made, refused = coupons.NewBearerToken(c.Token)
	default:
		err = fmt.Errorf("no credential is of the kind %q", c.Kind)
	}
	return made, refused, err
}

// variables are what ${name} stands for.
type variables map[string]string

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// replace returns the JSON value with the variables of all its strings replaced.
func (v variables) replace(value any) (any, error) {
	var unknown []error
	var walk func(any) any
	walk = func(value any) any {
		switch value := value.(type) {
		case string:
			return variable.ReplaceAllStringFunc(value, func(found string) string {
				name := variable.FindStringSubmatch(found)[1]
				text, ok := v[name]
				if !ok {
					unknown = append(unknown, fmt.Errorf("no variable is named %q", name))
				}
				return text
			})
		case []any:
			for i, item := range value {
				value[i] = walk(item)
			}
		case map[string]any:
			for key, item := range value {
				value[key] = walk(item)
			}
		}
		return value
	}
	return walk(value), errors.Join(unknown...)
}
