#pragma once

#include <string>
#include <vector>

namespace replmond::testing {

/// What one fault came to: a row of docs/reliability.md.
struct fault_outcome {
    std::string name;
    std::string result;
    std::string attempts;   ///< "first poll / while it goes on"
    std::string tasks_kept; ///< "yes" or "no"
    std::string said;       ///< http_status, error_code and error_msg of poll_failed
};

/// The table, in Markdown; ports are left out, since they change.
std::string fault_page(const std::vector<fault_outcome>& outcomes);

/// The part of a page between the lines that enclose the table of `test`; empty where they are missing.
std::string stored_table(const std::string& page, const std::string& test = "FaultMatrix");

/// The page with another table.
std::string with_table(const std::string& page, const std::string& table,
                       const std::string& test = "FaultMatrix");

/// `text` on one line that reads the same at every run.
std::string in_a_cell(const std::string& text);

} // namespace replmond::testing
