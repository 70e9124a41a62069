package main

import (
	"context"
	"errors"
	"io"
	"reflect"

	"google.golang.org/protobuf/proto"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
)

// streams tells whether a stub's method returns a stream, and not an answer.
func streams(method reflect.Value) bool {
	return method.Type().Out(0).Kind() == reflect.Interface
}

// stream calls a stub's method that returns a stream.
func (c *testCase) stream(method reflect.Value, known variables) (any, error) {
	_, one := method.Type().Out(0).MethodByName("CloseAndRecv")
	receive := "Recv"
	if one {
		receive = "CloseAndRecv"
		c.Take = 1
	}
	answers, err := c.answers(method, receive)
	if failure, ok := errors.AsType[*coupons.Error](err); ok {
		line := c.failed(failure)
		if !one {
			line.Answers = c.shownOfEach(answers)
		}
		return line, nil
	}
	if err != nil {
		return nil, err
	}
	if len(answers) > 0 {
		if err := c.save(answers[len(answers)-1], known); err != nil {
			return nil, err
		}
	}
	if one {
		return c.succeeded(answers[0]), nil
	}
	return map[string]any{"name": c.Name, "code": "OK", "answers": c.shownOfEach(answers)}, nil
}

// answers returns what there is until the stream ends, or until the case has enough.
func (c *testCase) answers(method reflect.Value, receive string) ([]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout())
	defer cancel()
	stream, err := c.begin(ctx, method)
	var answers []any
	for err == nil && (c.Take == 0 || len(answers) < c.Take) {
		var message reflect.Value
		if message, err = result(stream.MethodByName(receive).Call(nil)); err != nil {
			break
		}
		var answer any
		answer, err = generic(message.Interface().(proto.Message))
		answers = append(answers, answer)
	}
	return answers, ignoreEOF(err)
}

// begin sends all requests.
func (c *testCase) begin(ctx context.Context, method reflect.Value) (reflect.Value, error) {
	arguments := []reflect.Value{reflect.ValueOf(ctx)}
	if one := method.Type().In(1); one.Kind() == reflect.Pointer {
		request, err := parsed(one, c.Request)
		if err != nil {
			return reflect.Value{}, err
		}
		return result(method.Call(append(arguments, request)))
	}
	stream, err := result(method.Call(arguments))
	if err != nil {
		return stream, err
	}
	if err := c.send(stream); err != nil {
		return stream, err
	}
	err, _ = stream.MethodByName("CloseSend").Call(nil)[0].Interface().(error)
	return stream, err
}

func (c *testCase) send(stream reflect.Value) error {
	send := stream.MethodByName("Send")
	for _, text := range c.Requests {
		request, err := parsed(send.Type().In(0), text)
		if err != nil {
			return err
		}
		if err, _ := send.Call([]reflect.Value{request})[0].Interface().(error); err != nil {
			// At io.EOF the stream has failed, and receiving tells why.
			return ignoreEOF(err)
		}
	}
	return nil
}

func (c *testCase) shownOfEach(answers []any) []map[string]any {
	shown := []map[string]any{}
	for _, answer := range answers {
		shown = append(shown, c.shown(answer))
	}
	return shown
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
