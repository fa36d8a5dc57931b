// A peer to measure beside: the same series, kept and served by client_golang, as an exporter in Go has it.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sort"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// The names of all labels that a family's series have: a vector wants them all for each.
func labelNames(family *dto.MetricFamily) []string {
	seen := map[string]bool{}
	for _, metric := range family.Metric {
		for _, pair := range metric.Label {
			seen[pair.GetName()] = true
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func labels(metric *dto.Metric, names []string) prometheus.Labels {
	all := prometheus.Labels{}
	for _, name := range names {
		all[name] = ""
	}
	for _, pair := range metric.Label {
		all[pair.GetName()] = pair.GetValue()
	}
	return all
}

func register(registry *prometheus.Registry, family *dto.MetricFamily) {
	names := labelNames(family)
	switch family.GetType() {
	case dto.MetricType_GAUGE:
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vector)
		for _, metric := range family.Metric {
			vector.With(labels(metric, names)).Set(metric.Gauge.GetValue())
		}
	case dto.MetricType_COUNTER:
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vector)
		for _, metric := range family.Metric {
			vector.With(labels(metric, names)).Add(metric.Counter.GetValue())
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: peer-go HOST:PORT EXPOSITION")
	}
	file, err := os.Open(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(file)
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	for _, family := range families {
		register(registry, family)
	}
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	fmt.Println("ready")
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
