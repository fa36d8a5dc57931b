#pragma once

#include "daemon/core/model/time.hpp"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace replmond::service {

/// Facts of the kernel about this process. An empty value could not be read.
struct process_facts {
    std::optional<double> cpu_seconds; ///< user and system
    std::optional<std::uint64_t> resident_bytes;
    std::optional<std::uint64_t> virtual_bytes;
    std::optional<std::uint64_t> open_fds;
    std::optional<std::uint64_t> max_fds;
    std::optional<double> start_time; ///< Unix seconds
    std::optional<std::uint64_t> threads;
};

/// The fields of /proc/self/stat that are used (proc(5)). The process's name in it may contain any
/// characters, also parentheses.
struct stat_fields {
    std::uint64_t threads = 0;
    std::uint64_t start_ticks = 0; ///< clock ticks since boot
    std::uint64_t virtual_bytes = 0;
    std::uint64_t resident_pages = 0;
};
/// Nothing if `text` does not have these fields.
std::optional<stat_fields> parse_stat(std::string_view text);

/// Reads /proc/self and asks the kernel. It reads nothing outside of /proc/<pid>, so it works under
/// ProcSubset=pid.
process_facts read_process_facts();

/// The families process_*, one series each. Values that could not be read have no series.
std::vector<prometheus::MetricFamily> process_families(const process_facts& facts);

} // namespace replmond::service
