// Answers questions about quantities and selectors with Kubernetes' own parsers, one JSON object a line.
// Operator.LocalCluster.Tests compares with it (see ApimachineryTests); no build of ours needs it:
//
//	go mod init apimachinery && go mod tidy && go build -o apimachinery .
//	LLMKUBE_TEST_APIMACHINERY=$PWD/apimachinery make fuzz
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

type question struct {
	Kind, Text, Other string
	Set               map[string]string
}

type verdict struct {
	Ok        bool   `json:"ok"`
	Canonical string `json:"canonical,omitempty"`
	Order     *int   `json:"order,omitempty"`
	Matches   *bool  `json:"matches,omitempty"`
}

func answer(q question) (v verdict) {
	switch q.Kind {
	case "quantity":
		quantity, err := resource.ParseQuantity(q.Text)
		if err != nil {
			return
		}
		v = verdict{Ok: true, Canonical: quantity.String()}
		if other, err := resource.ParseQuantity(q.Other); err == nil {
			order := quantity.Cmp(other)
			v.Order = &order
		}
	case "labels":
		if selector, err := labels.Parse(q.Text); err == nil {
			matches := selector.Matches(labels.Set(q.Set))
			v = verdict{Ok: true, Matches: &matches}
		}
	case "fields":
		if selector, err := fields.ParseSelector(q.Text); err == nil {
			matches := selector.Matches(fields.Set(q.Set))
			v = verdict{Ok: true, Matches: &matches}
		}
	}
	return
}

func main() {
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(answer(q)); err != nil {
			log.Fatal(err)
		}
	}
}
