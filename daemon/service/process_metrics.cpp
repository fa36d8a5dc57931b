// Facts of the kernel about this process, as the metrics process_*.

#include "daemon/service/process_metrics.hpp"

#include <charconv>
#include <ctime>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace replmond::service {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

double seconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::optional<std::uint64_t> count_open_fds() {
    DIR* folder = opendir("/proc/self/fd");
    if (folder == nullptr)
        return std::nullopt;
    std::uint64_t entries = 0;
    while (readdir(folder) != nullptr)
        ++entries;
    closedir(folder);
    constexpr std::uint64_t not_counted = 3; // ".", ".." and the descriptor of opendir() itself
    return entries - not_counted;
}

std::optional<std::uint64_t> fd_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return std::nullopt;
    return limit.rlim_cur;
}

MetricFamily family(const char* name, const char* help, MetricType type, const std::optional<double>& value) {
    MetricFamily f;
    f.name = name;
    f.help = help;
    f.type = type;
    if (value) {
        prometheus::ClientMetric metric;
        metric.counter.value = *value;
        metric.gauge.value = *value;
        f.metric.push_back(std::move(metric));
    }
    return f;
}

std::optional<double> as_double(const std::optional<std::uint64_t>& value) {
    if (!value)
        return std::nullopt;
    return static_cast<double>(*value);
}

} // namespace

std::optional<stat_fields> parse_stat(std::string_view text) {
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = text.substr(name_end + 1);
    stat_fields read;
    for (int number = 3; number <= 24; ++number) { // the name is field 2
        while (rest.starts_with(' '))
            rest.remove_prefix(1);
        const std::string_view field = rest.substr(0, rest.find_first_of(" \n"));
        rest.remove_prefix(field.size());
        std::uint64_t* wanted = number == 20   ? &read.threads
                                : number == 22 ? &read.start_ticks
                                : number == 23 ? &read.virtual_bytes
                                : number == 24 ? &read.resident_pages
                                               : nullptr;
        if (wanted == nullptr)
            continue;
        const auto [end, bad] = std::from_chars(field.data(), field.data() + field.size(), *wanted);
        if (bad != std::errc{} || end != field.data() + field.size())
            return std::nullopt;
    }
    return read;
}

process_facts read_process_facts() {
    process_facts facts;
    facts.cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    facts.open_fds = count_open_fds();
    facts.max_fds = fd_limit();

    std::ifstream file("/proc/self/stat");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (const auto stat = parse_stat(text)) {
        facts.threads = stat->threads;
        facts.virtual_bytes = stat->virtual_bytes;
        facts.resident_bytes = stat->resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
        // /proc/stat, which has the boot time, does not exist under ProcSubset=pid. Computed once: the
        // difference of the two clocks varies a little, and Prometheus takes another start time for a
        // restart.
        static const double booted = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
        facts.start_time =
            booted + static_cast<double>(stat->start_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    return facts;
}

// The help texts are those of client_golang, so that dashboards and tools find the families that they
// know.
std::vector<MetricFamily> process_families(const process_facts& facts) {
    return {
        family("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
               MetricType::Counter, facts.cpu_seconds),
        family("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
               as_double(facts.resident_bytes)),
        family("process_virtual_memory_bytes", "Virtual memory size in bytes.", MetricType::Gauge,
               as_double(facts.virtual_bytes)),
        family("process_open_fds", "Number of open file descriptors.", MetricType::Gauge,
               as_double(facts.open_fds)),
        family("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
               as_double(facts.max_fds)),
        family("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
               MetricType::Gauge, facts.start_time),
        family("process_threads", "Number of OS threads in the process.", MetricType::Gauge,
               as_double(facts.threads)),
    };
}

} // namespace replmond::service
