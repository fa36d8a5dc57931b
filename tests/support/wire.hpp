#pragma once

#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/tracking/reading.hpp"

#include <string>
#include <vector>

/// Short notations for pages and readings, so that a test's table shows what the cloud sent.
namespace replmond::test {

/// A page from `total | names`: "3 | a b c", "- | a" without a count, "1 | ?" with a name that is unusable.
cloud::page make_page(const std::string& notation);

/// A task from the fields of its record: `"task_name": "t", "stage": "Full"`. The test fails where that is no
/// readable record.
task_reading make_task(const std::string& fields);

/// A reading of records, each given by its fields; what they hold of unreadable values is in it.
tracking::reading make_reading(const std::vector<std::string>& records);

/// As make_reading, of pages that contradicted each other.
tracking::reading make_inconsistent_reading(const std::vector<std::string>& records);

} // namespace replmond::test
