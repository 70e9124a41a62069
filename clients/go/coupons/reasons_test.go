package coupons_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

func TestReasonsAreThoseOfTheContract(t *testing.T) {
	contract := slices.Collect(maps.Keys(couponsv1.ErrorReason_value))
	contract = slices.DeleteFunc(contract, func(name string) bool { return name == "ERROR_REASON_UNSPECIFIED" })
	slices.Sort(contract)
	constants := constants(t, "reasons.go")
	if names := slices.Sorted(maps.Values(constants)); !slices.Equal(names, contract) {
		t.Errorf("the constants are %v, the contract has %v", names, contract)
	}
	for constant, value := range constants {
		if !strings.EqualFold(constant, "Reason"+strings.ReplaceAll(value, "_", "")) {
			t.Errorf("%s stands for %s", constant, value)
		}
	}
}

// constants returns the string constants that a file declares, by name.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for node := range ast.Preorder(parsed) {
		if spec, ok := node.(*ast.ValueSpec); ok {
			literal := spec.Values[0].(*ast.BasicLit)
			found[spec.Names[0].Name] = must(strconv.Unquote(literal.Value))
		}
	}
	return found
}
