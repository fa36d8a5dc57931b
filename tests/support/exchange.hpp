#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::testing {

using field = std::pair<std::string, std::string>;

/// One request as the server received it.
struct request {
    std::string method;
    std::string target;         // as sent
    std::string path;           // percent-decoded
    std::vector<field> query;   // percent-decoded, in the order sent, repeated names kept
    std::vector<field> headers; // in the order sent
    std::string body;
    std::string peer;           // the client's address, without port
    std::size_t connection = 0; // 1 for the first accepted: equal numbers mean keep-alive reuse
    std::weak_ptr<const void> connection_life; // expires when the connection is closed

    /// The first header of that name, case-insensitive.
    std::optional<std::string_view> header(std::string_view name) const;

    /// The first query parameter of that name, case-sensitive.
    std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Fills path and query from a request target such as `/a%20b?x=1`. `+` in a query is a space; a `%` that no
/// two hex digits follow stays as it is.
void split_target(request& request);

/// What goes wrong with an answer.
enum class fault {
    none,
    hang_before_answer,  // says nothing until the client leaves or the server stops
    reset_before_answer, // RST
    close_before_answer, // FIN
    cut_after,           // the first `cut_at` bytes of the raw answer, then FIN
    reset_after,         // the first `cut_at` bytes of the raw answer, then RST
    trickle,             // the raw answer, one byte an `interval`
    raw,                 // `raw` as it is instead of an answer; then the next request, or FIN with `close`
};

/// What to do with one request. A default-constructed script is an empty 200.
struct script {
    int status = 200;
    std::vector<field> headers; // Content-Length and Connection are added unless given here
    std::string body;
    std::chrono::milliseconds delay{0}; // before anything else, also before a fault
    testing::fault fault = fault::none;
    std::size_t cut_at = 0;
    std::chrono::milliseconds interval{0};
    std::string raw;
    bool close = false;               // answers `Connection: close` and closes
    bool cut_in_body = false;         // `cut_at` counts bytes of the body
    std::shared_ptr<void> until_done; // released once the answer is sent or given up
};

} // namespace replmond::testing
