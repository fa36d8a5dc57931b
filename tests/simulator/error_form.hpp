#pragma once

#include "tests/simulator/described_field.hpp"
#include "tests/support/exchange.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace replmond::simulator {

/// How an error comes, as a report describes it.
struct error_form {
    int status = 500;
    std::string content;     // json, html, text, empty, other
    described_fields fields; // of a JSON body
    std::optional<std::size_t> retry_after_seconds;
};

/// Of each status that has one.
using error_forms = std::vector<error_form>;

/// Reads `errors` of a report's project; of several forms of one status the first counts. Throws
/// report_error.
error_forms read_error_forms(const report_node& errors);

/// The refusal of a service or of the gateway (errors.hpp) in the form of its status; other answers as they
/// are. The code, the text and the id of the request are put where names of fields tell that they belong.
testing::script in_form(testing::script answer, const error_forms& forms);

} // namespace replmond::simulator
