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

/// One page of ListStarRocksDataReplications, read as far as it can be read.
struct page {
    std::optional<std::uint64_t> total_count; ///< absent where not reported or not readable
    std::vector<task_reading> tasks;          ///< the records with a usable name, in the order received
    std::optional<std::string> note; ///< `ext_text`: what the cloud says of the list, at most 256 characters
    std::size_t records = 0;         ///< all of them: what the next offset counts
    std::size_t unusable = 0;        ///< records that were left out
    std::vector<unexpected_value> unexpected; ///< what could not be read; none of it fails the page
    std::shared_ptr<const std::string> body;  ///< as received; what nobody received has none
    bool same = false; ///< the bytes that the query knew: only `body` is there, nothing was decoded
};

/// Decodes the body of a 200 answer. Tolerant of the wire forms that documents, SDKs and Terraform show:
/// numbers as numbers or strings, percentages with '%', booleans as strings, null or absent for "not
/// reported", words in any case, unknown fields. Nothing that is kept of it is without a bound: a record
/// whose `task_name` is longer than longest_task_name is unusable, a longer name of a database is unreadable,
/// and of what is unreadable or an unknown word at most 128 bytes stay. Fails (protocol) only for a body that
/// is no such list: not JSON in valid UTF-8, not an object, `replications` not an array, or neither
/// `replications` nor `total_count` there.
result<page> decode_page(std::string_view body);

} // namespace replmond::cloud
