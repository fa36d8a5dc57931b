// A peer to measure beside: the same series, kept and served by prometheus-cpp, as a C++ exporter does that
// takes the library as it comes.
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

struct series {
    std::string family;
    std::map<std::string, std::string> labels;
    double value = 0;
};

// `name{key="value",…} number`. The file is the daemon's own, whose samples escape nothing in the fleets that
// are measured.
series parse(const std::string& line) {
    series parsed;
    const auto brace = line.find('{');
    const auto space = line.rfind(' ');
    parsed.family = line.substr(0, std::min(brace, space));
    parsed.value = std::stod(line.substr(space + 1));
    std::size_t at = brace == std::string::npos ? space : brace + 1;
    while (at < space && line[at] != '}') {
        const auto equals = line.find('=', at);
        const auto quote = line.find('"', equals + 2);
        parsed.labels[line.substr(at, equals - at)] = line.substr(equals + 2, quote - equals - 2);
        at = quote + (line[quote + 1] == ',' ? 2 : 1);
    }
    return parsed;
}

struct family_kept {
    std::string help;
    std::string type;
    prometheus::Family<prometheus::Gauge>* gauges = nullptr;
    prometheus::Family<prometheus::Counter>* counters = nullptr;
};

void keep(prometheus::Registry& registry, family_kept& in, const series& one) {
    if (in.type == "counter") {
        if (in.counters == nullptr)
            in.counters = &prometheus::BuildCounter().Name(one.family).Help(in.help).Register(registry);
        in.counters->Add(one.labels).Increment(one.value);
    } else {
        if (in.gauges == nullptr)
            in.gauges = &prometheus::BuildGauge().Name(one.family).Help(in.help).Register(registry);
        in.gauges->Add(one.labels).Set(one.value);
    }
}

void read(prometheus::Registry& registry, const std::string& path) {
    std::ifstream file(path);
    std::map<std::string, family_kept> families;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("# ")) {
            const auto name_end = line.find(' ', 7);
            family_kept& of = families[line.substr(7, name_end - 7)];
            (line.starts_with("# TYPE") ? of.type : of.help) = line.substr(name_end + 1);
        } else if (!line.empty()) {
            const series one = parse(line);
            const auto of = families.find(one.family);
            if (of != families.end()) // not a histogram
                keep(registry, of->second, one);
        }
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::cerr << "usage: peer-exposer HOST:PORT EXPOSITION\n";
        return 1;
    }
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);

    const auto registry = std::make_shared<prometheus::Registry>();
    read(*registry, arguments[2]);
    prometheus::Exposer exposer(arguments[1]);
    exposer.RegisterCollectable(registry);
    std::cout << "ready" << std::endl;
    int number = 0;
    sigwait(&ending, &number);
}
