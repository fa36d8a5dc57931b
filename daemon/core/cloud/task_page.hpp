#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/task.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cloud {

/// One page of ListStarRocksDataReplications (API.md, section 1), as far as it could be read.
struct page {
    std::optional<std::uint64_t> total_count; ///< nothing if not reported or not readable
    std::vector<task_reading> tasks;          ///< the records with a usable name, in the order received
    std::optional<std::string> note;          ///< `ext_text`, a text about the list; at most 256 characters
    std::size_t records = 0;                  ///< the number of all records; the next offset grows by it
    std::size_t unusable = 0;                 ///< the number of records without a usable name
    std::vector<unexpected_value> unexpected; ///< values that could not be read; they do not fail the page
    std::shared_ptr<const std::string> body;  ///< as received; null if the page was not received by a request
    bool same = false; ///< the body equals list_query::known_body: only `body` is set, nothing was decoded
};

/// Decodes the body of a 200 answer (the contract, What a poll does). It accepts all forms that the
/// documents, the SDKs and the Terraform provider show: numbers as numbers or strings, percentages with '%',
/// booleans as strings, null or absent for "not reported", words in any case, unknown fields. All texts are
/// bounded: a record whose `task_name` is longer than longest_task_name is unusable, a database name that is
/// too long is unreadable, and of unreadable values and unknown words at most 128 bytes are kept. Fails with
/// `protocol` only for a body that is not such a list: not JSON in valid UTF-8, not an object, `replications`
/// not an array or of more than 10,000 records, or neither `replications` nor `total_count` present.
result<page> decode_page(std::string_view body);

} // namespace replmond::cloud
