#pragma once

#include <boost/system/result.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// How a poll ended: the values of the label `result` of replmond_polls_total.
enum class poll_result {
    success,
    auth,        ///< 401, refused or held credentials, unreadable secrets
    throttled,   ///< 429
    timeout,     ///< our own deadlines
    network,     ///< resolving, connecting, resets, cut answers
    tls,         ///< handshake and certificates
    http,        ///< every other status, 403 and redirects among them
    protocol,    ///< an answer that is no such list
    inconsistent ///< readable pages that contradict each other
};

inline constexpr std::array all_poll_results = {
    poll_result::success, poll_result::auth,     poll_result::throttled,
    poll_result::timeout, poll_result::network,  poll_result::tls,
    poll_result::http,    poll_result::protocol, poll_result::inconsistent};
inline constexpr std::size_t poll_result_count = all_poll_results.size();

std::string_view to_string(poll_result value);

/// Why a request or a poll did not succeed. Texts may come from the server: they are data, never formats.
struct failure {
    poll_result result = poll_result::network; ///< never success
    int http_status = 0;                       ///< 0: no answer
    std::string error_code;                    ///< the cloud's code such as DBS.200022; empty: none
    std::string error_msg;                     ///< the cloud's text, or ours
    std::string request_id;                    ///< X-Request-Id of the answer; empty: none
    std::optional<std::chrono::milliseconds> retry_after{}; ///< Retry-After of the answer, as it was sent

    bool operator==(const failure&) const = default;
};

/// The one way to begin a failure: what is said besides is set afterwards. `result`: never success.
failure make_failure(poll_result result, std::string error_msg);

/// What crosses a module's border: a value, or why there is none.
template<class T>
using result = boost::system::result<T, failure>;

/// Called by result::value() on a failure: reading a value that is not there is a bug.
[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location& where);

} // namespace replmond
