#pragma once

#include "tests/simulator/described_field.hpp"
#include "tests/simulator/error_form.hpp"
#include "tests/simulator/scenario.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace replmond::simulator {

/// The answers of the cloud that a report of `replmond doctor` describes. Where a report has several
/// projects, they are those of the first one whose list had records.
struct likeness {
    std::shared_ptr<const wire_form> wire;
    std::optional<std::size_t> max_page; // serves no more records a page than this
    total_count total = total_count::records;
    beyond_the_end beyond = beyond_the_end::empty;
    error_forms errors;
};

/// Reads a report; throws report_error at its first mistake. `file` is only for messages.
likeness read_likeness(const std::string& report, const std::string& file);

/// The same from a file; one that cannot be read is a report_error too.
likeness load_likeness(const std::string& path);

/// The form of the list, from the fields of its bodies and records. `place` is the call in the report, for
/// messages.
std::shared_ptr<const wire_form> described_wire(const described_fields& body, const described_fields& record,
                                                const report_node& place);

/// Gives all instances of a scenario the wire form and the paging, but for a `total_count_means` that the
/// scenario has.
void make_alike(scenario& described, const likeness& like);

} // namespace replmond::simulator
