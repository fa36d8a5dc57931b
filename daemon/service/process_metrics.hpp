#pragma once

#include "daemon/core/model/time.hpp"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace replmond::service {

/// What the kernel knows of this process. An empty value could not be read.
struct process_facts {
    std::optional<double> cpu_seconds; ///< user and system
    std::optional<std::uint64_t> resident_bytes;
    std::optional<std::uint64_t> virtual_bytes;
    std::optional<std::uint64_t> open_fds;
    std::optional<std::uint64_t> max_fds;
    std::optional<double> start_time; ///< Unix seconds
    std::optional<std::uint64_t> threads;
};

/// The fields of /proc/self/stat that are wanted (proc(5)). The name in it may hold anything, also
/// parentheses.
struct stat_fields {
    std::uint64_t threads = 0;
    std::uint64_t start_ticks = 0; ///< clock ticks since boot
    std::uint64_t virtual_bytes = 0;
    std::uint64_t resident_pages = 0;
};
std::optional<stat_fields> parse_stat(std::string_view text);

/// Reads /proc/self and asks the kernel; nothing outside of /proc/<pid>, so ProcSubset=pid does not matter.
process_facts read_process_facts();

/// The families process_*, one series each; values that could not be read have none.
std::vector<prometheus::MetricFamily> process_families(const process_facts& facts);

} // namespace replmond::service
