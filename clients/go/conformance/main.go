// Command conformance executes a list of calls and prints what came of each. The list and
// the lines are specified in tests/conformance/README.md.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(arguments []string, output io.Writer) error {
	if len(arguments) != 1 {
		return errors.New("one argument is wanted: a JSON file")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	var list struct {
		Variables variables         `json:"variables"`
		Cases     []json.RawMessage `json:"cases"`
	}
	if err := decode(text, &list); err != nil {
		return err
	}
	lines := json.NewEncoder(output)
	for number, text := range list.Cases {
		line, err := execute(text, list.Variables)
		if err != nil {
			return fmt.Errorf("case %d: %w", number+1, err)
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// decode is json.Unmarshal that keeps numbers as they are written and refuses keys that
// nothing reads.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	return decoder.Decode(into)
}
