#pragma once

#include "tests/simulator/report_node.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace replmond::simulator {

/// What a report says of one field (docs/doctor.md, Calls). All counts are of values; what never came has no
/// entry.
struct described_field {
    bool known = false;
    std::map<std::string, std::size_t, std::less<>> types;
    std::map<std::string, std::size_t, std::less<>> shapes;
    std::map<std::string, std::size_t, std::less<>> words;
    std::size_t padded = 0;

    std::size_t of_type(std::string_view type) const { return count_in(types, type); }
    std::size_t of_shape(std::string_view shape) const { return count_in(shapes, shape); }

private:
    static std::size_t count_in(const std::map<std::string, std::size_t, std::less<>>& counts,
                                std::string_view key) {
        const auto found = counts.find(key);
        return found == counts.end() ? 0 : found->second;
    }
};

/// Fields by their path in the order of the report.
using described_fields = std::vector<std::pair<std::string, described_field>>;

/// Reads one field, and an object of fields. Throws report_error.
described_field read_field(const report_node& node);
described_fields read_fields(const report_node& node);

/// The field of this path; null where the report has none.
const described_field* find_field(const described_fields& fields, std::string_view path);

/// A value of `type` that means nothing, of the most frequent shape of the field at `path`, with the fields
/// that are described inside it; null for the types `null` and `absent`.
boost::json::value placeholder(const described_fields& fields, std::string_view path, std::string_view type);

} // namespace replmond::simulator
