package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
)

func (c *testCase) call(known variables) (any, error) {
	credential, refused, err := c.As.make()
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return c.refused(), nil
	}
	client, refused := coupons.New(c.Address, credential, coupons.WithTimeout(c.timeout()))
	if refused != nil {
		return c.refused(), nil
	}
	defer client.Close()
	if c.Closed {
		if err := errors.Join(client.Close(), client.Close()); err != nil {
			return nil, err
		}
	}
	method, err := find(client, c.Call)
	if err != nil {
		return nil, err
	}
	if streams(method) {
		return c.stream(method, known)
	}
	line, err := c.outcome(method, known)
	if failure, ok := errors.AsType[*coupons.Error](err); ok {
		return c.failed(failure), nil
	}
	return line, err
}

func (c *testCase) refused() any {
	return map[string]any{"name": c.Name, "refused": true}
}

func (c *testCase) outcome(method reflect.Value, known variables) (any, error) {
	if c.Pages != nil {
		return c.walkPages(method)
	}
	answer, err := invoke(method, c.Request)
	if err != nil {
		return nil, err
	}
	if err := c.save(answer, known); err != nil {
		return nil, err
	}
	return c.succeeded(answer), nil
}

func (c *testCase) save(answer any, known variables) error {
	for name, path := range c.Save {
		value := follow(answer, path)
		if value == nil {
			return fmt.Errorf("the answer has nothing to save at %q", path)
		}
		known[name] = fmt.Sprint(value)
	}
	return nil
}

func (c *testCase) succeeded(answer any) any {
	return map[string]any{"name": c.Name, "code": "OK", "values": c.shown(answer)}
}

func (c *testCase) shown(answer any) map[string]any {
	values := map[string]any{}
	for _, path := range c.Show {
		values[path] = follow(answer, path)
	}
	return values
}

func (c *testCase) walkPages(method reflect.Value) (any, error) {
	var request map[string]any
	if err := decode(c.Request, &request); err != nil {
		return nil, err
	}
	items := []any{}
	for count := 1; ; count++ {
		text, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		answer, err := invoke(method, text)
		if err != nil {
			return nil, err
		}
		page, repeated := follow(answer, c.Pages.Items).([]any)
		if !repeated {
			return nil, fmt.Errorf("the answer has no repeated field %q", c.Pages.Items)
		}
		for _, item := range page {
			items = append(items, follow(item, c.Pages.Show))
		}
		request["page_token"] = follow(answer, "next_page_token")
		if request["page_token"] == "" {
			return map[string]any{"name": c.Name, "code": "OK", "pages": count, "items": items}, nil
		}
	}
}

type failedLine struct {
	Name       string         `json:"name"`
	Code       string         `json:"code"`
	Reason     coupons.Reason `json:"reason"`
	Message    string         `json:"message"`
	Metadata   []string       `json:"metadata"`
	Fields     [][2]string    `json:"fields"`
	RetryDelay *float64       `json:"retry_delay"`
	CallID     bool           `json:"call_id"`
	RequestID  bool           `json:"request_id"`
	// Answers is nil unless the method has a stream of them.
	Answers []map[string]any `json:"answers,omitzero"`
}

func (c *testCase) failed(failure *coupons.Error) failedLine {
	line := failedLine{
		Name:      c.Name,
		Code:      code.Code(failure.Code).String(),
		Reason:    failure.Reason,
		Metadata:  slices.AppendSeq([]string{}, maps.Keys(failure.Metadata)),
		Fields:    [][2]string{},
		CallID:    failure.CallID != "",
		RequestID: failure.RequestID != "",
	}
	slices.Sort(line.Metadata)
	if failure.Reason != "" || c.Local {
		// Without one the words are gRPC's, and differ from language to language.
		line.Message = failure.Message
	}
	for _, violation := range failure.FieldViolations {
		line.Fields = append(line.Fields, [2]string{violation.Field, violation.Description})
	}
	if failure.RetryDelay != 0 {
		line.RetryDelay = new(failure.RetryDelay.Seconds())
	}
	return line
}

// find returns the stub's method for CouponAdmin.CreateRewardItem and the like.
func find(client *coupons.Client, call string) (reflect.Value, error) {
	stubs := map[string]any{
		"CouponAdmin":   client.Admin,
		"CouponJobs":    client.Jobs,
		"CouponQuery":   client.Query,
		"EventIngest":   client.Events,
		"GrantDelivery": client.Grants,
		"TenantAdmin":   client.Tenants,
	}
	service, name, _ := strings.Cut(call, ".")
	if stub, ok := stubs[service]; ok {
		if method := reflect.ValueOf(stub).MethodByName(name); method.IsValid() {
			return method, nil
		}
	}
	return reflect.Value{}, fmt.Errorf("no method is named %q", call)
}

// invoke calls a stub's method with a request in ProtoJSON and returns the answer as
// generic JSON.
func invoke(method reflect.Value, text []byte) (any, error) {
	request, err := parsed(method.Type().In(1), text)
	if err != nil {
		return nil, err
	}
	answer, err := result(method.Call([]reflect.Value{reflect.ValueOf(context.Background()), request}))
	if err != nil {
		return nil, err
	}
	return generic(answer.Interface().(proto.Message))
}

// parsed returns the message of a pointer type that ProtoJSON holds.
func parsed(pointer reflect.Type, text []byte) (reflect.Value, error) {
	message := reflect.New(pointer.Elem())
	return message, protojson.Unmarshal(text, message.Interface().(proto.Message))
}

// result splits what a stub's method returns.
func result(values []reflect.Value) (reflect.Value, error) {
	err, _ := values[1].Interface().(error)
	return values[0], err
}

func generic(message proto.Message) (any, error) {
	format := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}
	text, err := format.Marshal(message)
	if err != nil {
		return nil, err
	}
	var value any
	err = decode(text, &value)
	return value, err
}

// follow returns what a dotted path leads to, or nil.
func follow(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch container := value.(type) {
		case map[string]any:
			value = container[step]
		case []any:
			position, err := strconv.Atoi(step)
			if err != nil || position < 0 || position >= len(container) {
				return nil
			}
			value = container[position]
		default:
			return nil
		}
	}
	return value
}
